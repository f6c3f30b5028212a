import { randomBytes } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { modelsOf } from '@summit/agents';
import { connectNats } from '@summit/journal-nats';
import { type Tracing } from '@summit/kernel';
import {
  Executor,
  type InProcessLink,
  type Log,
  NatsLink,
  NatsTokenSink,
  systemClock,
} from '@summit/runtime';
import { type NatsConnection } from '@nats-io/transport-node';
import { type ExecutorConfig } from './config.ts';
import { loadApp } from './load-app.ts';
import { outliveStrayRejections } from './stray-rejections.ts';

export const EXECUTOR_OPTIONS = Symbol('EXECUTOR_OPTIONS');

/** What an executor service is made of. */
export interface ExecutorServiceOptions {
  readonly config: ExecutorConfig;
  readonly log: Log;
  /** Leaders of the same process; without it they are reached over NATS. */
  readonly link?: InProcessLink;
  /** Secrets by the name of their reference: the environment's variables. */
  readonly secret?: (name: string) => string | undefined;
  readonly tracing?: Tracing | undefined;
}

/** Loads the app and serves its workflows and tools. */
@Injectable()
export class ExecutorService implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #options: ExecutorServiceOptions;
  #stop: () => Promise<void> = () => Promise.resolve();

  constructor(@Inject(EXECUTOR_OPTIONS) options: ExecutorServiceOptions) {
    this.#options = options;
  }

  async onApplicationBootstrap(): Promise<void> {
    const { config, log, link, secret, tracing } = this.#options;
    const app = await loadApp(config.SUMMIT_APP);
    const tenants = config.SUMMIT_TENANTS ?? [config.SUMMIT_TENANT];
    const id = `ex-${randomBytes(8).toString('hex')}`;
    const workflows = app.workflows.map(({ definition }) => `${definition.name}@${definition.version}`);
    log.info({ executor: id, app: app.name, workflows, tenants }, 'serves');
    const nc = await connectNats(config.SUMMIT_NATS_URL, { name: 'executor' });
    const nats = new NatsLink(nc, log);
    const executor = new Executor({
      id,
      app,
      tenants,
      link: (link ?? nats).toLeaders,
      clock: systemClock,
      log,
      models: modelsOf(app.models, config),
      tokens: new NatsTokenSink(nc),
      tracing,
      ...(secret && { secret }),
    });
    const leave = link ? join(link, executor) : nats.joinExecutor(id, executor);
    if (!link) compareNotes(nc, executor);
    const forget = outliveStrayRejections(log);
    executor.start();
    this.#stop = async () => {
      forget();
      executor.stop();
      leave();
      await nc.drain();
    };
  }

  onApplicationShutdown(): Promise<void> {
    return this.#stop();
  }
}

/** Leaders of the same process are reached without the bus; tokens go over it all the same. */
function join(link: InProcessLink, executor: Executor): () => void {
  link.joinExecutor(executor.id, executor);
  return () => {
    link.leaveExecutor(executor.id);
  };
}

/** What was said while the connection was gone is lost. */
function compareNotes(nc: NatsConnection, executor: Executor): void {
  void (async () => {
    for await (const status of nc.status()) if (status.type === 'reconnect') executor.introduce();
  })();
}
