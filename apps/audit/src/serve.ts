import { connectNats, NatsJournalStore } from '@summit/journal-nats';
import { type Tracing } from '@summit/kernel';
import { type RunningService, tokenVerifier } from '@summit/platform';
import { serveModule } from '@summit/platform/http';
import { type Log } from '@summit/runtime';
import { AuditModule } from './audit.module.ts';
import { type AuditConfig } from './config.ts';
import { LogKey } from './keys/log-key.ts';
import { auditStores } from './logs/audit-logs.ts';

/** The key that signs the logs of a deployment. */
export function logKey({
  SUMMIT_DATA,
  SUMMIT_AUDIT_KEY,
}: Pick<AuditConfig, 'SUMMIT_DATA' | 'SUMMIT_AUDIT_KEY'>): LogKey {
  return SUMMIT_AUDIT_KEY === undefined ? LogKey.ofDevelopment(SUMMIT_DATA) : LogKey.ofFile(SUMMIT_AUDIT_KEY);
}

/** Follows the journal, keeps the logs and listens; the url says where. */
export async function serveAudit(config: AuditConfig, log: Log, tracing?: Tracing): Promise<RunningService> {
  const { SUMMIT_DATA, SUMMIT_NATS_URL, SUMMIT_AUDIT_HOST, SUMMIT_AUDIT_PORT } = config;
  const nc = await connectNats(SUMMIT_NATS_URL, { name: 'audit' });
  const module = AuditModule.register({
    tokens: tokenVerifier(config, log),
    partitions: config.SUMMIT_PARTITIONS,
    deployment: config.SUMMIT_AUDIT_ORIGIN,
    key: logKey(config),
    ...auditStores(SUMMIT_DATA),
    storeOf: (partition) => new NatsJournalStore(nc, { partition }),
    log,
    tracing,
    now: Date.now,
  });
  const served = await serveModule(module, { host: SUMMIT_AUDIT_HOST, port: SUMMIT_AUDIT_PORT, log });
  return {
    url: served.url,
    close: async () => {
      await served.close();
      await nc.drain();
    },
  };
}
