import { join } from 'node:path';
import { applyStreams, type NatsServer, natsOptions, type Progress, startNats } from '@summit/servers';
import { connect } from '@nats-io/transport-node';
import type { StackPlan } from './stack-plan.ts';

/** Starts the bus of a stack. */
export function startBus({ dataDir, natsPort }: StackPlan, progress: Progress): Promise<NatsServer> {
  return startNats({ dataDir: join(dataDir, 'nats'), port: natsPort, progress });
}

/** Makes the streams, or refuses where the deployment was made with others. */
export async function prepareBus(nats: NatsServer, { partitions }: StackPlan): Promise<void> {
  const nc = await connect({ ...natsOptions(nats.urlAs('operator')), name: 'summit up' });
  try {
    await applyStreams(nc, { partitions });
  } finally {
    await nc.close();
  }
}
