import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import {
  applyStreams,
  type NatsServer,
  natsOptions,
  type Progress,
  type RunningServer,
  startNats,
} from '@summit/servers';
import type { ServiceSpec } from './services.ts';
import type { StackPlan } from './stack-plan.ts';

/** A server that serves; {@link prepare} makes what services want to find in it. */
export interface StackServer {
  readonly server: RunningServer;
  prepare(): Promise<void>;
  /** What a service is told about it. */
  env(service: ServiceSpec): Readonly<Record<string, string>>;
}

/** How a stack gets one of its servers. */
export interface StackServerKind {
  readonly name: string;
  start(plan: StackPlan, progress: Progress): Promise<StackServer>;
}

/** Where the bus of a stack keeps its data and its users' passwords. */
export function natsDataDir(dataDir: string): string {
  return join(dataDir, 'nats');
}

const bus: StackServerKind = {
  name: 'nats',
  async start(plan, progress) {
    const { dataDir, natsPort } = plan;
    const server = await startNats({
      dataDir: natsDataDir(dataDir),
      port: natsPort,
      // Who comes without a password is a client: it sends its own commands and hears its tenant's events.
      anonymous: 'developer',
      progress,
    });
    return {
      server,
      prepare: () => prepareBus(server, plan),
      env: ({ natsUser }) => ({ SUMMIT_NATS_URL: server.urlAs(natsUser) }),
    };
  },
};

/** Makes the streams, or refuses where the deployment was made with others. */
async function prepareBus(nats: NatsServer, { partitions }: StackPlan): Promise<void> {
  const nc = await connect({ ...natsOptions(nats.urlAs('operator')), name: 'summit up' });
  try {
    await applyStreams(nc, { partitions });
  } finally {
    await nc.close();
  }
}

/** The servers of a stack, in the order in which they start. Another one is another entry. */
export const stackServers: readonly StackServerKind[] = [bus];
