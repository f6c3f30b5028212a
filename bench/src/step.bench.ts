/**
 * What a step costs leader and executor alone: planned, decided, sealed, folded, permitted, executed, in one thread, with
 * a journal that takes every group at once. No bus, no disk, no HTTP.
 *
 *   node bench/src/step.bench.ts [--seconds 6] [--runs 50]
 *
 * Prints JSON: microseconds of wall time and of processor time a step, bytes that a step stores, commits a group; the
 * medians of the batches of 2,000 runs of 10 steps in the second half of the time, when the code is compiled.
 */
import { parseArgs } from 'node:util';
import type { JournalStore, StoredGroup } from '@summit/journal';
import { MemoryObjectStore } from '@summit/objects';
import { opaPolicyEngine, releasePolicies } from '@summit/policy-opa';
import { Executor, InProcessLink, Leader, silentLog, systemClock, TokenBus } from '@summit/runtime';
import { waitFor } from '@summit/servers';
import { MemoryKeyStore, randomHex, Vault } from '@summit/vault';
import app from '../app/summit.app.ts';
import { closedLoop, median } from './closed-loop.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '6' }, runs: { type: 'string', default: '50' } },
});
const TENANT = 'acme';
const STEPS = 10;
const BATCH = 2_000;
/** How long an executor may take to be known to its leader, milliseconds. */
const PATIENCE_MS = 30_000;

/** Takes every group, remembers the last. */
class Sink implements JournalStore {
  readonly maxGroupBytes = 960 * 1024;
  groups = 0;
  bytes = 0;
  #head: StoredGroup | undefined;

  append(bytes: Uint8Array, expectedSequence: number): ReturnType<JournalStore['append']> {
    const sequence = expectedSequence + 1;
    this.#head = { sequence, bytes };
    this.groups += 1;
    this.bytes += bytes.length;
    return new Promise((resolve) => {
      setImmediate(resolve, { status: 'stored', sequence });
    });
  }

  head(): Promise<StoredGroup | undefined> {
    return Promise.resolve(this.#head);
  }

  get(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  async *read(): AsyncGenerator<never> {
    // nobody recovers from it
  }

  async *tail(): AsyncGenerator<never> {
    // nor follows it
  }
}

async function lead(store: JournalStore): Promise<Leader> {
  const { root, development } = await releasePolicies();
  const vault = new Vault(new MemoryKeyStore());
  await Promise.all([vault.prepare(TENANT), vault.prepare('_system')]);
  const link = new InProcessLink();
  const shared = { clock: systemClock, log: silentLog };
  const leader = await Leader.open({
    ...shared,
    partition: 0,
    store,
    objects: new MemoryObjectStore(),
    vault,
    random: randomHex,
    incarnation: 'bench',
    policy: opaPolicyEngine({ root, fallback: development }),
    link,
    onLost: (reason) => {
      throw new Error(reason);
    },
  });
  link.joinLeader(0, leader);
  const serving = { app, tenants: [TENANT], link: link.toLeaders, tokens: new TokenBus() };
  const executor = new Executor({ ...shared, ...serving, id: `ex-${randomHex(8)}` });
  link.joinExecutor(executor.id, executor);
  executor.start();
  return leader;
}

function run(leader: Leader): Promise<void> {
  const body = { verb: 'run.start', workflow: 'bench-seq', input: { steps: STEPS } } as const;
  const place = { tenant: TENANT, user: 'bench', roles: ['developer'], commandId: randomHex(16), trace: '' };
  return new Promise((resolve, reject) => {
    leader.submit(
      { ...place, waitMs: PATIENCE_MS, body: { ...body, threadId: `thr_${randomHex(12)}` } },
      (answer) => {
        if (answer.ok) resolve();
        else reject(new Error(answer.error.message));
      },
    );
  });
}

const store = new Sink();
const leader = await lead(store);
// what an executor serves is registered first: a start is refused until then
const started = (): Promise<true | undefined> =>
  run(leader).then(
    () => true as const,
    () => undefined,
  );
await waitFor(started, { deadlineMs: PATIENCE_MS, everyMs: 50 });

interface Batch {
  readonly wallUs: number;
  readonly cpuUs: number;
  readonly bytes: number;
  readonly commitsAGroup: number;
}

async function batch(): Promise<Batch> {
  const { groups, bytes } = store;
  const began = process.cpuUsage();
  const { seconds } = await closedLoop(BATCH, Number(values.runs), () => run(leader));
  const { user, system } = process.cpuUsage(began);
  const steps = BATCH * STEPS;
  return {
    wallUs: (seconds * 1e6) / steps,
    cpuUs: (user + system) / steps,
    bytes: (store.bytes - bytes) / steps,
    commitsAGroup: (BATCH * (STEPS + 2)) / (store.groups - groups),
  };
}

const batches: Batch[] = [];
for (const end = performance.now() + Number(values.seconds) * 1_000; performance.now() < end;)
  batches.push(await batch());
const warm = batches.slice(Math.floor(batches.length / 2));
const names = ['wallUs', 'cpuUs', 'bytes', 'commitsAGroup'] as const;
const figures = Object.fromEntries(
  names.map((name) => [name, Number(median(warm.map((one) => one[name])).toFixed(1))]),
);
process.stdout.write(`${JSON.stringify({ node: process.version, runs: Number(values.runs), ...figures })}\n`);
process.exit(0);
