/**
 * How many commits a second the journal takes: encode, seal, group commit, fsync in a real nats-server.
 *
 *   node bench/src/journal.bench.ts [--seconds 5] [--partitions 1,4] [--writers 50,200] [--payload 1024] [--json]
 *
 * Closed loop: each of `writers` in each partition appends its next commit when its last one is durable; 2,000 show
 * what the path can do at most. A commit is a step's outcome with the payload, the next proposal, its decision and
 * its permit. The line on stdout (or, with --json, all figures) says on which machine.
 */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Commit, encodeCommit } from '@summit/events';
import { JournalWriter } from '@summit/journal';
import { assertDurableServer, connectNats, NatsJournalStore } from '@summit/journal-nats';
import { applyStreams, startNats } from '@summit/servers';
import { FileKeyStore, newSalt, Vault } from '@summit/vault';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '5' },
    partitions: { type: 'string', default: '1,4' },
    writers: { type: 'string', default: '1,50,200,2000' },
    payload: { type: 'string', default: '1024' },
    json: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds);
const payload = 'x'.repeat(Number(values.payload));
const TENANT = 'acme';

/** One run's worth of commits: a completed step, the next proposal with its decision and permit. */
class Load {
  readonly #partition: number;
  readonly #vault: Vault;
  readonly #key: string;
  readonly #versions = new Map<string, number>();
  #index = 0;
  #prev = '0'.repeat(64);

  constructor(partition: number, vault: Vault) {
    this.#partition = partition;
    this.#vault = vault;
    this.#key = vault.takeThreadKey(TENANT);
  }

  next(run: string) {
    const version = (this.#versions.get(run) ?? 0) + 1;
    this.#versions.set(run, version);
    const encoded = encodeCommit(this.#partition, this.#commit(run, version), this.#vault);
    this.#prev = encoded.digest;
    this.#index++;
    return encoded;
  }

  #commit(run: string, version: number): Commit {
    const hash = '5'.repeat(64);
    const common = { v: 1, basis: 0 } as const;
    return {
      tenant: TENANT,
      entity: { kind: 'run', id: run },
      version,
      tenantIndex: this.#index,
      tenantPrev: this.#prev,
      salt: newSalt(),
      key: this.#key,
      causationId: `00-acme-${String(this.#index)}`,
      correlationId: run,
      actor: { kind: 'executor', id: 'executor-1' },
      at: Date.now(),
      trace: '',
      decisions: [
        { entry: 'summit/action/decision', policy: hash, verdict: 'allow', input: '{"a":1}', reasons: [] },
      ],
      events: [
        {
          type: 'StepCompleted',
          v: 1,
          basis: 'outcome',
          step: version,
          attempt: 1,
          data: { output: payload },
        },
        {
          ...common,
          type: 'StepProposed',
          step: version + 1,
          kind: 'tool',
          effect: 'idempotent',
          actionHash: hash,
          tool: hash,
          timeoutMs: 30000,
          data: { stepKey: `search#${String(version)}`, name: 'search', args: { q: 'hello world' } },
        },
        {
          ...common,
          type: 'PermitGranted',
          step: version + 1,
          attempt: 1,
          executor: 'executor-1',
          leaderEpoch: 1,
          assignment: 1,
          actionHash: hash,
        },
      ],
    };
  }
}

interface Figure {
  readonly partitions: number;
  readonly writers: number;
  readonly commitsPerSecond: number;
  readonly commitsPerGroup: number;
  readonly bytesPerCommit: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly cpuPercent: number;
}

interface Driven {
  readonly commits: number;
  readonly groups: number;
  readonly bytes: number;
  readonly latencies: number[];
}

async function drive(
  url: string,
  vault: Vault,
  partition: number,
  writers: number,
  until: number,
): Promise<Driven> {
  const nc = await connectNats(url, { name: 'bench' });
  await assertDurableServer(nc);
  const waiting: { ordinal: number; run: string; since: number }[] = [];
  let [durable, groups, bytes] = [0, 0, 0];
  const latencies: number[] = [];
  const load = new Load(partition, vault);
  const step = (run: string): void => {
    const encoded = load.next(run);
    waiting.push({ ordinal: writer.append(encoded), run, since: performance.now() });
    bytes += encoded.line.length;
  };
  const writer = await JournalWriter.open({
    store: new NatsJournalStore(nc, { partition }),
    partition,
    fold: () => undefined,
    listener: {
      onDurable: (ordinal) => {
        groups++;
        const now = performance.now();
        const freed = waiting.splice(0, ordinal - durable);
        durable = ordinal;
        for (const { run, since } of freed) {
          latencies.push(now - since);
          if (now < until) step(run);
        }
      },
      onLost: (reason) => {
        throw new Error(reason);
      },
    },
  });
  for (let i = 0; i < writers; i++) step(`run_${String(partition)}_${randomBytes(8).toString('hex')}`);
  await new Promise((resolve) => setTimeout(resolve, until - performance.now()));
  await writer.close();
  await nc.close();
  return { commits: durable, groups, bytes, latencies };
}

async function measure(partitions: number, writers: number): Promise<Figure> {
  const dir = mkdtempSync(join(tmpdir(), 'summit-bench-'));
  const server = await startNats({ dataDir: join(dir, 'nats'), name: 'bench' });
  const keys = new FileKeyStore(join(dir, 'keys'));
  try {
    const admin = await connectNats(server.url);
    await applyStreams(admin);
    await admin.close();
    const vault = new Vault(keys);
    await vault.prepare(TENANT);
    const [cpu, started] = [process.cpuUsage(), performance.now()];
    const until = started + seconds * 1000;
    const each = await Promise.all(
      Array.from({ length: partitions }, (_, partition) =>
        drive(server.url, vault, partition, writers, until),
      ),
    );
    const took = performance.now() - started;
    const used = process.cpuUsage(cpu);
    const sum = (of: (driven: Driven) => number): number => each.reduce((total, one) => total + of(one), 0);
    const commits = sum((one) => one.commits);
    const latencies = each.flatMap((one) => one.latencies).sort((a, b) => a - b);
    const percentile = (p: number): number => Number(latencies[Math.floor(latencies.length * p)]?.toFixed(2));
    return {
      partitions,
      writers,
      commitsPerSecond: Math.round((commits * 1000) / took),
      commitsPerGroup: Number((commits / sum((one) => one.groups)).toFixed(1)),
      bytesPerCommit: Math.round(sum((one) => one.bytes) / commits),
      p50Ms: percentile(0.5),
      p99Ms: percentile(0.99),
      cpuPercent: Math.round((used.user + used.system) / took / 10),
    };
  } finally {
    await keys.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

const numbers = (list: string): number[] => list.split(',').map(Number);
const figures: Figure[] = [];
for (const partitions of numbers(values.partitions)) {
  for (const writers of numbers(values.writers)) {
    const figure = await measure(partitions, writers);
    figures.push(figure);
    if (!values.json) process.stderr.write(`${JSON.stringify(figure)}\n`);
  }
}
const machine = { cores: cpus().length, cpu: cpus()[0]?.model, node: process.version };
const document = { machine, durability: 'R1, sync_interval always', payload: payload.length, figures };
process.stdout.write(values.json ? `${JSON.stringify(document)}\n` : `${JSON.stringify(machine)}\n`);
