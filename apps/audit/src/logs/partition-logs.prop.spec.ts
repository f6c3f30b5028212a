import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  decodeGroup,
  encodeGroup,
  type FollowedGroup,
  FIRST_PREV,
  JOURNAL_START,
  type JournalPosition,
  positionAfter,
} from '@summit/journal';
import { CommitSource } from '@summit/journal/commits.fixture';
import { GrowingTree, entryOf, parseCheckpoint, openNote, logOrigin } from '@summit/transparency-log';
import fc from 'fast-check';
import { LogKey, verifyEd25519 } from '../keys/log-key.ts';
import { FileCheckpointStore } from '../store/checkpoint-store.ts';
import { MemoryTileStore } from '../store/memory-tile-store.ts';
import { PartitionLogs } from './partition-logs.ts';

let dir: string;
let key: LogKey;
let count = 0;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'summit-logs-'));
  key = LogKey.ofDevelopment(dir);
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const forked = expect.objectContaining({ code: 'LOG_FORKED' });

/** The journal of partition 0: groups of commits of these tenants. */
function journalOf(groups: readonly (readonly string[])[], payload = ''): FollowedGroup[] {
  const source = new CommitSource(0);
  let prev = FIRST_PREV;
  return groups.map((tenants, i) => {
    const header = { partition: 0, generation: 1, epoch: 1, groupId: `${payload}${String(i)}`, prev };
    const { bytes, digest } = encodeGroup(
      header,
      tenants.map((tenant) => source.next(tenant, 'r1', payload)),
    );
    prev = digest;
    const sequence = i + 1;
    return { sequence, pending: groups.length - sequence, ...decodeGroup(bytes, { partition: 0, sequence }) };
  });
}

interface Place {
  readonly tiles: MemoryTileStore;
  readonly checkpoints: FileCheckpointStore;
  readonly dir: string;
}

function place(): Place {
  const at = join(dir, String(++count));
  return { tiles: new MemoryTileStore(), checkpoints: new FileCheckpointStore(at), dir: at };
}

const opened = ({ tiles, checkpoints }: Place): PartitionLogs =>
  new PartitionLogs({ partition: 0, deployment: 'summit.test', key, tiles, checkpoints });

/** Reads on from where the logs stand, in batches of so many groups. */
async function follow(logs: PartitionLogs, journal: readonly FollowedGroup[], batch = 3): Promise<void> {
  let position: JournalPosition = (await logs.position()) ?? JOURNAL_START;
  while (position.sequence < journal.length) {
    const groups = journal.slice(position.sequence, position.sequence + batch);
    await logs.apply(groups, position);
    const last = groups.at(-1);
    if (last) position = positionAfter(last);
  }
}

const rootOf = (journal: readonly FollowedGroup[], tenant: string): Uint8Array => {
  const tree = GrowingTree.empty();
  for (const { commits } of journal) {
    for (const { line, digest } of commits)
      if (line.startsWith(`{"tenant":"${tenant}"`)) tree.append(entryOf(digest));
  }
  return tree.root();
};

const tenants = fc.array(
  fc.array(fc.constantFrom('acme', 'blu', '_system'), { minLength: 1, maxLength: 60 }),
  {
    minLength: 1,
    maxLength: 12,
  },
);

describe('the logs of a partition', () => {
  it('[C5.2] hold every commit of every tenant at its tenantIndex, under signed roots', async () => {
    await fc.assert(
      fc.asyncProperty(tenants, fc.integer({ min: 1, max: 4 }), async (groups, batch) => {
        const journal = journalOf(groups);
        const logs = opened(place());
        await follow(logs, journal, batch);
        for (const tenant of new Set(groups.flat())) {
          const log = logs.log(tenant);
          expect(log?.size).toBe(groups.flat().filter((one) => one === tenant).length);
          const name = logOrigin('summit.test', { tenant, partition: 0 });
          const text = openNote(log?.signed?.note ?? '', [key.signer(name)], verifyEd25519) ?? '';
          expect(parseCheckpoint(text)).toEqual({
            origin: name,
            size: log?.size,
            root: Buffer.from(rootOf(journal, tenant)),
          });
        }
      }),
      { numRuns: 40 },
    );
  });

  it('[I7] [C1.1] are the same whatever fails when, and after a rebuild from nothing', async () => {
    await fc.assert(
      fc.asyncProperty(tenants, fc.array(fc.nat(9), { maxLength: 12 }), async (groups, failures) => {
        const journal = journalOf(groups);
        const whole = place();
        await follow(opened(whole), journal);
        const shaken = place();
        const left = [...failures];
        let quiet = left.shift() ?? Infinity;
        shaken.tiles.fail = () => {
          if (quiet-- > 0) return;
          quiet = left.shift() ?? Infinity;
          throw new Error('the disk is full');
        };
        for (let tries = 0; tries <= failures.length; tries++) {
          await follow(opened(shaken), journal).catch(() => undefined); // the next one is another process
        }
        shaken.tiles.fail = () => undefined;
        await follow(opened(shaken), journal);
        expect(shaken.tiles.positions).toEqual(whole.tiles.positions);
        for (const [name, bytes] of whole.tiles.tiles) {
          if (!name.includes('.p/')) expect(shaken.tiles.tiles.get(name)).toEqual(bytes);
        }
        const kept = await shaken.checkpoints.kept({ tenant: 'acme', partition: 0 });
        await shaken.tiles.drop(0);
        await follow(opened(shaken), journal);
        expect(shaken.tiles.positions).toEqual(whole.tiles.positions);
        expect(await shaken.checkpoints.kept({ tenant: 'acme', partition: 0 })).toEqual(kept);
      }),
      { numRuns: 60 },
    );
  });

  it('[C5.2] stop at another history than the one that was signed, wherever it differs', async () => {
    const groups = Array.from({ length: 9 }, () => ['acme', 'blu']);
    const here = place();
    await follow(opened(here), journalOf(groups));
    const kept = await here.checkpoints.kept({ tenant: 'acme', partition: 0 });
    await here.tiles.drop(0);
    await expect(follow(opened(here), journalOf(groups, 'other'))).rejects.toEqual(forked);
    expect(await here.checkpoints.kept({ tenant: 'acme', partition: 0 })).toEqual(kept); // nothing more was signed
  });

  it('[C5.2] stop where the journal ends before what was signed', async () => {
    const journal = journalOf(Array.from({ length: 9 }, () => ['acme']));
    const here = place();
    await follow(opened(here), journal);
    await here.tiles.drop(0);
    const short = journal.slice(0, 7).map((group) => ({ ...group, pending: 7 - group.sequence }));
    await expect(follow(opened(here), short)).rejects.toEqual(forked);
  });

  it('[C5.2] stop where a checkpoint or a head that was kept is not signed by the key', async () => {
    const journal = journalOf([['acme'], ['acme']]);
    for (const name of ['t-acme.jsonl', 'head']) {
      const here = place();
      await follow(opened(here), journal);
      const file = join(here.dir, '00', name);
      writeFileSync(file, readFileSync(file, 'utf8').replace(/(?<=\\n|\n)2(?=\\n|\n)/, '3'));
      await expect(opened(here).position()).rejects.toEqual(forked);
    }
  });

  it('[I7] make damaged tiles again by themselves', async () => {
    const journal = journalOf(Array.from({ length: 9 }, () => Array.from({ length: 40 }, () => 'acme')));
    const here = place();
    await follow(opened(here), journal);
    const whole = new Map(here.tiles.tiles);
    for (const name of whole.keys()) {
      const damaged = Uint8Array.from(whole.get(name) ?? []);
      damaged[3] = (damaged[3] ?? 0) ^ 1;
      here.tiles.tiles.set(name, damaged);
    }
    const rebuilt: number[] = [];
    const { tiles, checkpoints } = here;
    const onRebuild = (partition: number): void => void rebuilt.push(partition);
    await follow(
      new PartitionLogs({ partition: 0, deployment: 'summit.test', key, tiles, checkpoints, onRebuild }),
      journal,
    );
    expect(rebuilt).toEqual([0]);
    for (const [name, bytes] of tiles.tiles) expect(bytes).toEqual(whole.get(name));
  });

  it('[I5] take no commit whose index or link is another', async () => {
    const [first] = journalOf([['acme', 'acme', 'blu']]);
    if (!first) throw new Error('no group');
    for (const broken of [
      first.commits.slice(1),
      first.commits.toReversed(),
      [{ line: '{}', digest: '0'.repeat(64) }],
    ]) {
      const logs = opened(place());
      await logs.position();
      const group = { ...first, commits: broken };
      await expect(logs.apply([group], JOURNAL_START)).rejects.toMatchObject({ code: 'JOURNAL_BROKEN' });
    }
  });
});
