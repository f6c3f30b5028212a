import { type NatsConnection } from '@nats-io/transport-node';
import { isObject, RefusedError } from '@summit/kernel';

/**
 * Where a server tells its settings to ordinary connections: `deploy/nats/accounts.conf` lets them call the
 * system account's `$SYS.REQ.SERVER.PING.JSZ` under this name. Every server of a cluster answers.
 */
const SETTINGS_SUBJECTS = ['summit.server.settings', '$SYS.REQ.SERVER.PING.JSZ'] as const;
/** All answers should be there after this long, milliseconds; a pause of 300 ms ends it sooner. */
const ANSWER_MS = 2_000;

export interface DurabilityOptions {
  /** `http://…` of a server's monitoring, asked where the bus does not tell. */
  readonly monitoringUrl?: string;
  /** The operator's own word that this deployment may lose acknowledged commits when a machine stops. */
  readonly allowUnsafe?: boolean;
}

/** What one server says. */
export interface ServerDurability {
  readonly server: string;
  readonly syncAlways: boolean;
}

/**
 * Resolves where every server that answers fsyncs each append before it acknowledges (`sync_interval: always`).
 * Throws {@link RefusedError} `JOURNAL_NOT_DURABLE` where one does not, or none tells, unless `allowUnsafe`.
 * Resolves with what the servers said, so that it can be logged.
 */
export async function assertDurableServer(
  nc: NatsConnection,
  { monitoringUrl, allowUnsafe = false }: DurabilityOptions = {},
): Promise<readonly ServerDurability[]> {
  const told = await settingsOf(nc, monitoringUrl);
  if (allowUnsafe || (told.length > 0 && told.every(({ syncAlways }) => syncAlways))) return told;
  const why =
    told.length === 0 ? 'no server tells its settings' : `sync_interval is not always on ${offenders(told)}`;
  throw new RefusedError(
    'JOURNAL_NOT_DURABLE',
    `an acknowledged commit could be lost when a machine stops: ${why}`,
    'Set jetstream { sync_interval: always } and import $SYS.REQ.SERVER.PING.JSZ as deploy/nats does, or allow it by name.',
  );
}

const offenders = (told: readonly ServerDurability[]): string =>
  told
    .filter(({ syncAlways }) => !syncAlways)
    .map(({ server }) => server)
    .join(', ');

async function settingsOf(nc: NatsConnection, monitoringUrl?: string): Promise<readonly ServerDurability[]> {
  for (const subject of SETTINGS_SUBJECTS) {
    const told = await ask(nc, subject).catch(() => []); // no responders, or no permission: it does not tell
    if (told.length > 0) return told;
  }
  return monitoringUrl === undefined ? [] : askMonitoring(monitoringUrl);
}

async function ask(nc: NatsConnection, subject: string): Promise<ServerDurability[]> {
  const told: ServerDurability[] = [];
  for await (const answer of await nc.requestMany(subject, '{}', { strategy: 'stall', maxWait: ANSWER_MS })) {
    const body: unknown = answer.json();
    if (!isObject(body) || !isObject(body['server'])) continue;
    told.push(read(String(body['server']['name']), body['data']));
  }
  return told;
}

async function askMonitoring(url: string): Promise<ServerDurability[]> {
  const response = await fetch(new URL('/jsz', url), { signal: AbortSignal.timeout(ANSWER_MS) });
  const body: unknown = await response.json();
  return [read(isObject(body) ? String(body['server_id']) : url, body)];
}

function read(server: string, jsz: unknown): ServerDurability {
  const config = isObject(jsz) ? jsz['config'] : undefined;
  return { server, syncAlways: isObject(config) && config['sync_always'] === true };
}
