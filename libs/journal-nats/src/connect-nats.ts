import { connect, type NatsConnection } from '@nats-io/transport-node';
import { Connectivity } from './connectivity.ts';

/** Tries a server again after this long, milliseconds: an outage should not last longer than it does. */
const RECONNECT_MS = 200;
const RECONNECT_JITTER_MS = 50;
/** A connection that says nothing for two of these is given up, milliseconds. */
const PING_MS = 5_000;

/**
 * The deployment's own users (`deploy/nats/accounts.conf`) have inboxes that no client of the bus may hear: what
 * services answer one another is not its tenant's alone. // I8
 */
const SERVICES = new Set(['local', 'orchestrator', 'executor', 'api', 'gateway', 'audit', 'reader']);

export interface ConnectNats {
  /** Shown in the server's monitoring. */
  readonly name?: string;
}

/**
 * A connection that never gives up, for `nats://user:password@host:port[,nats://…]`. Rejects where no server
 * answers at first.
 */
export async function connectNats(
  url: string,
  { name = 'summit' }: ConnectNats = {},
): Promise<NatsConnection> {
  const urls = url
    .split(',')
    .map((one) => new URL(one.includes('://') ? one.trim() : `nats://${one.trim()}`));
  const named = urls.find(({ username }) => username !== '');
  const user = decodeURIComponent(named?.username ?? '');
  const nc = await connect({
    name,
    servers: urls.map(({ protocol, host }) => `${protocol}//${host}`),
    ...(named && { user, pass: decodeURIComponent(named.password) }),
    ...(SERVICES.has(user) && { inboxPrefix: `_SERVICE.${user}` }),
    maxReconnectAttempts: -1, // the client's own default is to give up after ten
    ignoreAuthErrorAbort: true, // a server that is being set up anew refuses for a while
    reconnectTimeWait: RECONNECT_MS,
    reconnectJitter: RECONNECT_JITTER_MS,
    pingInterval: PING_MS,
    noAsyncTraces: true, // a stack trace per request costs more than the request
  });
  Connectivity.of(nc); // watches from the start
  return nc;
}
