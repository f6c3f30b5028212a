/** The transparency logs in a thread of the host. */
import 'reflect-metadata';
import { parentPort } from 'node:worker_threads';
import { auditConfig, serveAudit } from '@summit/audit';
import { makeLog, readConfig, startTelemetry } from '@summit/platform';

const host = parentPort;
if (!host) throw new Error('the audit runs as a thread of the host');

const config = readConfig(auditConfig, process.env);
const telemetry = await startTelemetry('audit', process.env);
const service = await serveAudit(config, makeLog('audit', config.SUMMIT_LOG), telemetry?.tracing);
const stop = async (): Promise<void> => {
  await service.close();
  await telemetry?.close();
};
host.once('message', () => void stop().finally(() => host.close()));
