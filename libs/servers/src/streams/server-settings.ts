import type { NatsConnection } from '@nats-io/nats-core';
import { isObject } from '@summit/kernel';

/** What one nats-server says about its store. */
export interface ServerSettings {
  readonly server: string;
  readonly version: string;
  readonly syncAlways: boolean;
  /** `always`, or the interval in nanoseconds. */
  readonly syncInterval: string;
}

/**
 * A service of the system account that `deploy/nats/accounts.conf` lets ordinary connections call; every server of
 * a cluster answers with its `/jsz`.
 */
export const SETTINGS_SUBJECT = 'summit.server.settings';

/** The settings of every server that answers within 300 ms of the one before, 2 s in all. Throws where none does. */
export async function readServerSettings(nc: NatsConnection): Promise<ServerSettings[]> {
  const answers = await nc.requestMany(SETTINGS_SUBJECT, '{}', { strategy: 'stall', maxWait: 2_000 });
  const found: ServerSettings[] = [];
  for await (const answer of answers) found.push(settingsOf(answer.json()));
  return found;
}

function settingsOf(answer: unknown): ServerSettings {
  const server = part(answer, 'server');
  const config = part(part(answer, 'data'), 'config');
  const syncAlways = config['sync_always'] === true;
  return {
    server: String(server['name']),
    version: String(server['ver']),
    syncAlways,
    syncInterval: syncAlways ? 'always' : `${String(config['sync_interval'])} ns`,
  };
}

function part(value: unknown, name: string): Readonly<Record<string, unknown>> {
  const found = isObject(value) ? value[name] : undefined;
  return isObject(found) ? found : {};
}
