import { join } from 'node:path';
import { serverNotReady } from '../errors.ts';
import type { Progress } from '../find/component.ts';
import { choosePort } from '../process/ports.ts';
import { waitFor } from '../process/wait-for.ts';
import { type NatsServer, startNats } from './start-nats.ts';

export interface StartNatsCluster {
  readonly dataDir: string;
  /** How many servers; default 3. */
  readonly size?: number;
  readonly progress?: Progress;
}

export interface NatsClusterServers {
  readonly servers: readonly NatsServer[];
  /** All members, comma-separated: what `SUMMIT_NATS_URL` takes. */
  readonly url: string;
  stop(): Promise<void>;
}

const QUORUM_MS = 30_000;

/** Starts servers on one machine that form a cluster, all of them syncing every write; ready when JetStream leads. */
export async function startNatsCluster(options: StartNatsCluster): Promise<NatsClusterServers> {
  const { dataDir, size = 3, progress } = options;
  const ports: number[] = [];
  while (ports.length < size) ports.push(await choosePort());
  const routes = ports.map((port) => `nats://127.0.0.1:${String(port)}`);
  const start = (port: number, index: number): Promise<NatsServer> =>
    startNats({
      dataDir: join(dataDir, `n${String(index + 1)}`),
      name: `nats-${String(index + 1)}`,
      passwordDir: dataDir,
      cluster: { name: 'summit', port, routes },
      ...(progress && { progress }),
    });
  const settled = await Promise.allSettled(ports.map(start));
  const servers = settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const stop = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.stop()));
  };
  const failed = settled.find((one) => one.status === 'rejected');
  const led = failed
    ? undefined
    : await waitFor(() => hasLeader(servers), { deadlineMs: QUORUM_MS, everyMs: 100 });
  if (led) return { servers, url: servers.map(({ url }) => url).join(','), stop };
  await stop();
  if (failed) throw failed.reason;
  throw serverNotReady('the NATS cluster', 'has no JetStream leader', servers[0]?.logFile ?? dataDir);
}

/** Each member knows the meta leader and answers healthy. */
async function hasLeader(servers: readonly NatsServer[]): Promise<true | undefined> {
  const healthy = await Promise.all(
    servers.map(async ({ monitorUrl = '' }) => {
      const response = await fetch(`${monitorUrl}/healthz`).catch(() => undefined);
      return response?.ok === true;
    }),
  );
  return healthy.every(Boolean) ? true : undefined;
}
