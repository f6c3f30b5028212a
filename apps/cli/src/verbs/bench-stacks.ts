/** The stacks that the bench measures: each with data of its own, which goes when it is stopped. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { StackKind, SummitStack } from '@summit/bench';
import type { JournalStore } from '@summit/journal';
import { NatsJournalStore } from '@summit/journal-nats';
import { RetryableError } from '@summit/kernel';
import { DevelopmentTokens } from '@summit/platform';
import { endProcess, repositoryRoot, waitFor } from '@summit/servers';
import { DEVELOPER, TENANT } from '../api-client.ts';
import { readerConnection } from '../journal/stack-material.ts';
import { launch } from '../supervisor/launch.ts';
import { productVersion } from '../supervisor/product-version.ts';
import { readStackState, type StackState } from '../supervisor/stack-state.ts';

const STOP_MS = 60_000;
/** How long executors may take to announce the app, milliseconds. */
const SERVING_MS = 30_000;
/** As `summit up` has it: docs/adr/0007. */
const PARTITIONS = 1;
const DURABILITY = 'synced to disk before it is acknowledged, 1 replica';

/** Owns every stack that it started and nobody has stopped yet. */
export class BenchStacks {
  readonly #progress: (line: string) => void;
  readonly #running = new Set<() => Promise<void>>();
  #starting: Promise<unknown> = Promise.resolve();

  constructor(progress: (line: string) => void) {
    this.#progress = progress;
  }

  start(kind: StackKind): Promise<SummitStack> {
    const starting = this.#start(kind);
    this.#starting = starting.catch(() => undefined);
    return starting;
  }

  /** Ends what runs, and what is coming up. */
  async end(): Promise<void> {
    await this.#starting;
    await Promise.all([...this.#running].map((stop) => stop()));
  }

  async #start({ distributed, whole }: StackKind): Promise<SummitStack> {
    const dataDir = mkdtempSync(join(tmpdir(), 'summit-bench-'));
    const forget = (): void => rmSync(dataDir, { recursive: true, force: true });
    const app = join(repositoryRoot, 'bench', 'app');
    const place = { dataDir, app, apiPort: 0, natsPort: 0, tenant: TENANT };
    const plan = { ...place, distributed, partitions: PARTITIONS };
    const engineAlone = whole ? {} : { only: 'core' as const, liveEvents: false };
    const { state } = await launch({ ...plan, ...engineAlone }, this.#progress).catch((error: unknown) => {
      forget();
      throw error;
    });
    const stop = async (): Promise<void> => {
      this.#running.delete(stop);
      await endProcess(state.supervisor, 'SIGTERM', STOP_MS).finally(forget);
    };
    this.#running.add(stop);
    try {
      return await served(state, { distributed, whole, stop });
    } catch (error) {
      await stop();
      throw error;
    }
  }
}

/** Once it runs what it is given. */
async function served(
  state: StackState,
  { distributed, whole, stop }: StackKind & Pick<SummitStack, 'stop'>,
): Promise<SummitStack> {
  const { dataDir } = state;
  const token = await new DevelopmentTokens(dataDir).sign({ tenant: TENANT, ...DEVELOPER });
  const stack: SummitStack = {
    url: state.processes.find(({ name }) => name === 'api' || name === 'host')?.url ?? '',
    urls: urlsOf(state),
    token,
    about: aboutOf(state, { distributed, whole }),
    processes: () => processesOf(dataDir),
    journal: (read) => readJournal(dataDir, read),
    stop,
  };
  await untilServing(stack);
  return stack;
}

function urlsOf({ processes }: StackState): Record<string, string> {
  return Object.fromEntries(
    processes.flatMap(({ name, url, urls = {} }) => [
      ...(url === null ? [] : [[name, url] as const]),
      ...Object.entries(urls),
    ]),
  );
}

function processesOf(dataDir: string): ReturnType<SummitStack['processes']> {
  const { processes = [] } = readStackState(dataDir) ?? {};
  return processes.map(({ name, pid, health }) => ({
    name,
    pid: pid ?? undefined,
    healthy: health === 'healthy',
  }));
}

async function readJournal<T>(dataDir: string, read: (store: JournalStore) => Promise<T>): Promise<T> {
  const nc = await readerConnection(dataDir);
  try {
    return await read(new NatsJournalStore(nc, { partition: 0 }));
  } finally {
    await nc.close();
  }
}

function aboutOf({ processes }: StackState, { distributed, whole }: StackKind): SummitStack['about'] {
  const servers = processes.filter(({ kind }) => kind === 'server');
  const named = servers.map(
    ({ name, version }) => [name === 'nats' ? 'nats-server' : name, version] as const,
  );
  const setting = distributed ? 'services apart' : 'one process';
  return {
    versions: { summit: productVersion(), ...Object.fromEntries(named) },
    setting: whole ? `${setting}, everything on` : setting,
    durability: DURABILITY,
  };
}

async function untilServing({ url, token }: Pick<SummitStack, 'url' | 'token'>): Promise<void> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ workflow: 'bench-seq', input: { steps: 1 } });
  const look = async (): Promise<true | undefined> =>
    (await fetch(`${url}/v1/runs`, { method: 'POST', headers, body })).status === 201 ? true : undefined;
  if (await waitFor(look, { deadlineMs: SERVING_MS, everyMs: 100 })) return;
  throw new RetryableError(
    'STACK_NOT_SERVING',
    'no executor announced the app',
    'Run it again; see its logs.',
  );
}
