/**
 * What an outage of the server may do to a journal: nothing. Each spec has servers of its own, since it ends them.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import {
  ChainCheck,
  followJournal,
  type JournalObservation,
  type JournalStore,
  JournalWriter,
  takeOver,
} from '@summit/journal';
import { CommitSource } from '@summit/journal/commits.fixture';
import { type NatsServer, startNats, waitFor } from '@summit/servers';
import { connectNats } from './connect-nats.ts';
import { journalStream } from './names.ts';
import { NatsJournalStore } from './nats-journal-store.ts';
import { makeJournalStream } from './streams.fixture.ts';

let dir: string;
let server: NatsServer;
let connections: NatsConnection[];
let partition = 0;
const loads: Load[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'summit-crash-'));
  server = await startNats({ dataDir: dir, name: 'crash' });
  connections = [];
});
afterEach(async () => {
  for (const load of loads.splice(0)) load.abandon();
  for (const nc of connections.splice(0)) await nc.close();
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function connected(): Promise<NatsConnection> {
  const nc = await connectNats(server.url);
  connections.push(nc);
  return nc;
}

/** A writer under load: whenever something is durable, as much again is appended, until it is told to end. */
class Load {
  readonly digests: string[] = [];
  readonly lost: string[] = [];
  readonly doubts: string[] = [];
  readonly #source = new CommitSource(partition);
  #writer: JournalWriter | undefined;
  durable = 0;
  unreadable = 0;
  ending = false;

  constructor() {
    loads.push(this);
  }

  async start(store: JournalStore, commits: number): Promise<void> {
    this.#writer = await JournalWriter.open({
      store,
      partition,
      fold: () => undefined,
      listener: {
        onDurable: (ordinal) => {
          const freed = ordinal - this.durable;
          this.durable = ordinal;
          if (!this.ending) this.#append(freed);
        },
        onLost: (reason) => this.lost.push(reason),
        observe: (one: JournalObservation) => {
          if (one.type === 'doubt') this.doubts.push(one.code);
          if (one.type === 'head_unreadable') this.unreadable++;
        },
      },
    });
    this.#append(commits);
  }

  abandon(): void {
    this.#writer?.abandon('the test is over');
  }

  async end(): Promise<void> {
    this.ending = true;
    await this.#writer?.close();
  }

  #append(count: number): void {
    for (let i = 0; i < count; i++) {
      const commit = this.#source.next('acme', `r${String(this.digests.length % 50)}`, 'x'.repeat(900));
      this.digests.push(commit.digest);
      this.#writer?.append(commit);
    }
  }
}

/** Everything stored, every link checked. */
async function storedDigests(store: JournalStore): Promise<string[]> {
  const chain = new ChainCheck(partition);
  const digests: string[] = [];
  for await (const { sequence, bytes } of store.read(1)) {
    digests.push(...chain.next(sequence, bytes).commits.map(({ digest }) => digest));
  }
  return digests;
}

/** Follows a journal; what it has seen grows. */
function follow(store: JournalStore, signal: AbortSignal): { digests: string[]; ended: Promise<void> } {
  const digests: string[] = [];
  const ended = (async () => {
    for await (const { commits } of followJournal(store, { partition, signal })) {
      digests.push(...commits.map(({ digest }) => digest));
    }
  })();
  return { digests, ended };
}

/** Waits until something holds; fails where it does not within half a minute. */
async function comesTrue(what: () => boolean | Promise<true | undefined>): Promise<void> {
  const holds = async (): Promise<true | undefined> => ((await what()) === true ? true : undefined);
  expect(await waitFor(holds, { deadlineMs: 30_000, everyMs: 5 })).toBe(true);
}

describe('a nats-server that is killed', () => {
  it('[C1.1] [I1] [I5] under load, again and again: nothing acknowledged is missing, nothing stands twice', async () => {
    partition = 1;
    const nc = await connected();
    await makeJournalStream(nc, { partition });
    const load = new Load();
    await load.start(new NatsJournalStore(nc, { partition, answerMs: 1000 }), 100);
    for (let kill = 0; kill < 4; kill++) {
      const goal = load.durable + 500 + 333 * kill;
      await comesTrue(() => load.durable >= goal);
      await server.kill('SIGKILL');
      const acknowledged = load.digests.slice(0, load.durable);
      await server.restart();
      const stored = new Set(await storedDigests(new NatsJournalStore(await connected(), { partition })));
      expect(acknowledged.filter((digest) => !stored.has(digest))).toEqual([]);
    }
    await load.end();
    expect(load.lost).toEqual([]);
    expect(load.doubts.length).toBeGreaterThan(0);
    expect(await storedDigests(new NatsJournalStore(nc, { partition }))).toEqual(load.digests);
  });

  it('[C1.1] is followed through it all: what follows misses nothing and sees nothing twice', async () => {
    partition = 5;
    const nc = await connected();
    await makeJournalStream(nc, { partition });
    const load = new Load();
    await load.start(new NatsJournalStore(nc, { partition, answerMs: 1000 }), 100);
    const stop = new AbortController();
    const follower = follow(new NatsJournalStore(await connected(), { partition }), stop.signal);
    for (let kill = 0; kill < 3; kill++) {
      const goal = load.durable + 500;
      await comesTrue(() => load.durable >= goal);
      await server.kill('SIGKILL');
      await server.restart();
    }
    await load.end();
    await comesTrue(() => follower.digests.length >= load.digests.length);
    stop.abort();
    await follower.ended;
    expect(follower.digests).toEqual(load.digests);
  });

  it('[C1.1] and stays away: what was taken meanwhile lands once it is back, by the same writer', async () => {
    partition = 2;
    const nc = await connected();
    await makeJournalStream(nc, { partition });
    const load = new Load();
    await server.kill('SIGKILL');
    const store = new NatsJournalStore(nc, { partition });
    await expect(load.start(store, 200)).rejects.toMatchObject({ code: 'JOURNAL_UNREACHABLE' });
    await server.restart();
    const started = (): Promise<true | undefined> =>
      load.start(store, 200).then(
        () => true as const,
        () => undefined,
      );
    await comesTrue(started);
    await server.kill('SIGKILL');
    await comesTrue(() => load.unreadable > 3);
    await server.restart();
    await load.end();
    expect(load.lost).toEqual([]);
    expect(await storedDigests(new NatsJournalStore(nc, { partition }))).toEqual(load.digests);
  });
});

describe('a full disk', () => {
  it('[C1.1] keeps what waits; the same group lands when there is room again', async () => {
    partition = 3;
    const nc = await connected();
    await makeJournalStream(nc, { partition, maxBytes: 20_000 });
    const load = new Load();
    await load.start(new NatsJournalStore(nc, { partition }), 5);
    await comesTrue(() => load.doubts.length > 2);
    expect(new Set(load.doubts)).toEqual(new Set(['10077']));
    const jsm = await jetstreamManager(nc);
    await jsm.streams.update(journalStream(partition), { max_bytes: -1 });
    await comesTrue(() => load.durable >= 100);
    await load.end();
    expect(await storedDigests(new NatsJournalStore(nc, { partition }))).toEqual(load.digests);
  });
});

describe('two writers on a real server', () => {
  it('[I2] the second fences the first, who says so once and nothing more', async () => {
    partition = 4;
    const nc = await connected();
    await makeJournalStream(nc, { partition });
    const first = new Load();
    await first.start(new NatsJournalStore(nc, { partition }), 10);
    await comesTrue(() => first.durable >= 100);
    const rival = await connected();
    const store = new NatsJournalStore(rival, { partition });
    const before = new ChainCheck(partition);
    const writer = await takeOver({
      store,
      partition,
      fold: ({ sequence, headerLine, commits }) => {
        before.next(sequence, Buffer.from([headerLine, ...commits.map(({ line }) => line), ''].join('\n')));
      },
      elect: () => new CommitSource(before).next('_system', 'partition'),
      listener: { onDurable: () => undefined, onLost: () => undefined },
    });
    expect(writer.epoch).toBe(2);
    await comesTrue(() => first.lost.length > 0);
    await first.end();
    expect(first.lost).toHaveLength(1);
    const stored = await storedDigests(store);
    expect(stored.slice(0, first.durable)).toEqual(first.digests.slice(0, first.durable));
    expect(stored).toHaveLength(before.tenant('acme').next + 1);
  });
});
