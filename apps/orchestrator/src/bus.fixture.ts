import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type INestMicroservice } from '@nestjs/common';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { silentLog } from '@summit/runtime';
import {
  applyStreams,
  clientName,
  type NatsClient,
  natsOptions,
  type NatsServer,
  startNats,
} from '@summit/servers';
import { OrchestratorModule } from './orchestrator.module.ts';
import { serveBus } from './serve-bus.ts';

const person = (tenant: string, user: string): NatsClient => ({
  tenant,
  user,
  password: `secret-of-${user}`,
});
export const alice = person('acme', 'alice');
export const odd = person('acme', 'Äl.ice *>');
const clients = [alice, odd, person('acme', 'bob'), person('other', 'alice')];

/** A nats-server with users of applications, and an orchestrator that comes and goes. */
export class Bus {
  readonly dir = mkdtempSync(join(tmpdir(), 'summit-bus-'));
  server!: NatsServer;
  #orchestrator: INestMicroservice | undefined;
  readonly #connections: NatsConnection[] = [];

  async start(): Promise<void> {
    this.server = await startNats({ dataDir: join(this.dir, 'nats'), clients, anonymous: 'nobody' });
    const operator = await connect(natsOptions(this.server.urlAs('operator')));
    await applyStreams(operator, { partitions: 2 });
    await operator.close();
    await this.lead();
  }

  async lead(): Promise<void> {
    const config = {
      SUMMIT_NATS_URL: this.server.urlAs('orchestrator'),
      SUMMIT_DATA: join(this.dir, 'data'),
      SUMMIT_PARTITIONS: 2,
      SUMMIT_SERVICE: 'orchestrator',
      SUMMIT_LOG: 'silent',
      SUMMIT_BUS_ROLES: { 'acme/alice': ['operator'] },
    };
    const module = OrchestratorModule.register({ config, log: silentLog });
    this.#orchestrator = await serveBus(module, config, silentLog);
  }

  async leave(): Promise<void> {
    await this.#orchestrator?.close();
    this.#orchestrator = undefined;
  }

  /** A bare client, as one of the users. */
  async as(client: NatsClient): Promise<NatsConnection> {
    const nc = await connect({
      servers: this.server.url,
      user: clientName(client),
      pass: client.password,
      inboxPrefix: `_INBOX.${clientName(client)}`,
    });
    this.#connections.push(nc);
    return nc;
  }

  async asUser(user: Parameters<NatsServer['urlAs']>[0]): Promise<NatsConnection> {
    const nc = await connect(natsOptions(this.server.urlAs(user)));
    this.#connections.push(nc);
    return nc;
  }

  async stop(): Promise<void> {
    await Promise.all(this.#connections.map((nc) => nc.close()));
    await this.leave();
    await this.server.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}
