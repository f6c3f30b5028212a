import { randomBytes } from 'node:crypto';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { type NatsConnection } from '@nats-io/transport-node';
import {
  assertDurableServer,
  connectNats,
  NatsJournalStore,
  natsLeadership,
  natsObjectStore,
} from '@summit/journal-nats';
import {
  developmentKey,
  Evaluator,
  followBundles,
  natsBundleStore,
  opaPolicyEngine,
  type OpaPolicyEngine,
  releasePolicies,
} from '@summit/policy-opa';
import {
  type Answer,
  answerOf,
  type Command,
  type ExecutorLink,
  type InProcessLink,
  type LeaderInbox,
  LocalGateway,
  type Log,
  NatsGateway,
  NatsLink,
  Reign,
  type ReignOptions,
  serveGateway,
  systemClock,
} from '@summit/runtime';
import { RetryableError, type Tracing } from '@summit/kernel';
import { FileKeyStore, randomHex, Vault } from '@summit/vault';
import { type OrchestratorConfig } from './config.ts';

export const ORCHESTRATOR_OPTIONS = Symbol('ORCHESTRATOR_OPTIONS');

/** What an orchestrator is made of. */
export interface OrchestratorOptions {
  readonly config: OrchestratorConfig;
  readonly log: Log;
  /** Executors of the same process; without it they are reached over NATS. */
  readonly link?: InProcessLink;
  readonly tracing?: Tracing | undefined;
}

/** Leads every partition of the deployment: recovers them, serves commands, dispatches to executors. */
@Injectable()
export class Orchestrator implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #options: OrchestratorOptions;
  readonly #reigns = new Map<number, Reign>();
  readonly #ends: (() => void)[] = [];
  readonly #closers: (() => Promise<void> | void)[] = [];
  #bus: NatsGateway | undefined;
  /** Leaders of this process, for edges in the same one. */
  readonly gateway: LocalGateway;

  constructor(@Inject(ORCHESTRATOR_OPTIONS) options: OrchestratorOptions) {
    this.#options = options;
    const leaders = Array.from({ length: options.config.SUMMIT_PARTITIONS }, (_, partition) => {
      return [partition, () => this.#reigns.get(partition)?.leader] as const;
    });
    this.gateway = new LocalGateway(new Map(leaders));
  }

  async onApplicationBootstrap(): Promise<void> {
    const { config, log } = this.#options;
    const nc = await connectNats(config.SUMMIT_NATS_URL, { name: 'orchestrator' });
    this.#closers.push(() => nc.close());
    this.#bus = new NatsGateway(nc, config.SUMMIT_PARTITIONS);
    const servers = await assertDurableServer(nc, { allowUnsafe: config.SUMMIT_UNSAFE_JOURNAL === 'yes' });
    log.info({ servers }, 'the journal is fsynced before it is acknowledged');
    const keys = new FileKeyStore(join(config.SUMMIT_DATA, 'keys'));
    this.#closers.push(() => keys.close());
    const engines = await this.#policyEngines(config.SUMMIT_PARTITIONS);
    await this.#followBundles(nc, engines);
    const incarnation = `${hostname()}-${randomBytes(6).toString('hex')}`;
    const objects = await natsObjectStore(nc);
    const leadership = await natsLeadership(nc, `${hostname()}/${config.SUMMIT_SERVICE}`);
    for (const [partition, policy] of engines.entries()) {
      const parts = { partition, policy, objects, leadership, vault: new Vault(keys) };
      this.#reigns.set(partition, this.#reign(nc, parts, incarnation));
    }
    await Promise.all([...this.#reigns.values()].map((reign) => reign.start()));
  }

  async onApplicationShutdown(): Promise<void> {
    for (const end of this.#ends) end();
    await Promise.all([...this.#reigns.values()].map((reign) => reign.close()));
    for (const close of this.#closers.toReversed()) await close();
  }

  /** Brings a command to whoever leads its partition, here or elsewhere. */
  submit(command: Command): Promise<Answer> {
    return this.#bus?.submit(command) ?? Promise.resolve(answerOf(notReady()));
  }

  /** Whether every partition is led. */
  get ready(): boolean {
    return this.#reigns.size > 0 && [...this.#reigns.values()].every(({ leader }) => leader !== undefined);
  }

  async #policyEngines(partitions: number): Promise<OpaPolicyEngine[]> {
    const { root, development } = await releasePolicies();
    const evaluator = new Evaluator();
    return Array.from({ length: partitions }, () =>
      opaPolicyEngine({ root, fallback: development, evaluator }),
    );
  }

  /** Before the first decision every standing order is applied; later ones as they come. */
  async #followBundles(nc: NatsConnection, engines: readonly OpaPolicyEngine[]): Promise<void> {
    const { config, log } = this.#options;
    const stop = await followBundles({
      store: await natsBundleStore(nc),
      engines,
      keys: [developmentKey(config.SUMMIT_DATA).trusted],
      now: () => systemClock.now(),
      onActivated: ({ id, tenant, bundle, kind, user }, { policy }) => {
        log.info({ order: id, tenant, bundle, kind, user, policy }, 'decides by this bundle from now on');
      },
      onRefused: ({ id, tenant, bundle, user }, err) => {
        log.error({ order: id, tenant, bundle, user, err }, 'refused a bundle; the one before it stays');
      },
    });
    this.#closers.push(stop);
  }

  #reign(
    nc: NatsConnection,
    parts: Pick<ReignOptions, 'partition' | 'policy' | 'objects' | 'leadership' | 'vault'>,
    incarnation: string,
  ): Reign {
    const { log, link, tracing } = this.#options;
    const { partition } = parts;
    const nats = new NatsLink(nc, log);
    const reign = new Reign(
      {
        ...parts,
        store: new NatsJournalStore(nc, { partition }),
        link: (link ?? nats) satisfies ExecutorLink,
        clock: systemClock,
        random: randomHex,
        log,
        tracing,
        // Heard by whoever leads alone: with nobody there the edge asks again at once.
        serve: (leader) => serveGateway(nc, partition, () => leader),
      },
      incarnation,
    );
    const inbox: LeaderInbox = {
      receive: (message) => {
        reign.leader?.receive(message);
      },
    };
    if (link) link.joinLeader(partition, inbox);
    else this.#ends.push(nats.joinLeader(partition, inbox));
    return reign;
  }
}

const notReady = (): RetryableError =>
  new RetryableError(
    'NOT_READY',
    'the orchestrator has not started',
    'Send the same command again in a moment.',
  );
