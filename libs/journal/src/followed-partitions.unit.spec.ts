import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RetryableError, TerminalError } from '@summit/kernel';
import { FollowedPartitions, type Refill } from './followed-partitions.ts';
import { MemoryJournalStore } from './memory-journal-store.ts';
import { expectNoneStopped, healthOf, type PartitionStanding } from './partition-standing.ts';
import { ListProjection, Writing } from './projections.fixture.ts';

const away = (): RetryableError => new RetryableError('DATABASE_UNREACHABLE', 'away', 'Wait.');
const odd = (): TerminalError => new TerminalError('COMMIT_MALFORMED', 'odd', 'Look.');
const upTo = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);

let writing: readonly Writing[];
let projections: readonly ListProjection[];
let told: PartitionStanding[];
let followed: FollowedPartitions;
let onChange: () => void;

beforeEach(() => {
  writing = [new Writing(0), new Writing(1)];
  projections = writing.map(() => new ListProjection());
  told = [];
  onChange = () => undefined;
  const nothing = (): void => undefined;
  followed = new FollowedPartitions({
    projections,
    what: 'the list',
    name: 'list',
    log: { warn: nothing, error: nothing },
    now: () => 10_000,
    storeOf: (partition) => new MemoryJournalStore(writing[partition]?.journal),
    onChange: (standing) => {
      told.push(standing);
      onChange();
    },
  });
});
afterEach(() => followed.close());

/** Follows until all partitions stand so. */
async function until(holds: (standings: readonly PartitionStanding[]) => boolean): Promise<void> {
  if (holds(followed.standings)) return;
  await new Promise<void>((resolve) => {
    onChange = () => {
      if (holds(followed.standings)) resolve();
    };
  });
}

const sequences = (): number[] => followed.standings.map(({ sequence }) => sequence);
const standAt =
  (...goals: number[]) =>
  (standings: readonly PartitionStanding[]): boolean =>
    standings.every(({ sequence }, i) => sequence >= (goals[i] ?? 0));

function drop(): Promise<void> {
  for (const projection of projections) {
    projection.content.length = 0;
    projection.kept = undefined;
  }
  return Promise.resolve();
}

describe('the partitions that a service follows', () => {
  it('are each taken in, and it is known how far each is and how long its commits waited', async () => {
    writing[0]?.write(20);
    writing[1]?.write(5);
    followed.start();
    await until(standAt(20, 5));
    expect(projections.map(({ content }) => content)).toEqual([upTo(20), upTo(5)]);
    expect(healthOf(followed.standings)).toEqual({
      status: 'ok',
      partitions: [
        { partition: 0, sequence: 20, pending: 0, lagMs: 9_999 },
        { partition: 1, sequence: 5, pending: 0, lagMs: 9_999 },
      ],
    });
    expect(() => {
      expectNoneStopped(followed.standings, 'the list');
    }).not.toThrow();
  });

  it('[C1.1] say what they wait for, and go on when it is back', async () => {
    writing[0]?.write(3);
    projections[0]?.failures.push(away());
    followed.start();
    await until(standAt(3, 0));
    const waited = told.find(({ state }) => state === 'waiting');
    expect(waited).toMatchObject({ partition: 0, sequence: 0, error: { code: 'DATABASE_UNREACHABLE' } });
    expect(healthOf(waited ? [waited] : []).partitions[0]?.waiting).toBe('DATABASE_UNREACHABLE');
    expect(followed.standings[0]).toMatchObject({ state: 'following', sequence: 3 });
  });

  it('are left as they are by one that stops for good, and the service is not ready', async () => {
    writing[0]?.write(3);
    writing[1]?.write(3);
    projections[0]?.failures.push(odd());
    followed.start();
    await until(([first, second]) => first?.state === 'stopped' && second?.sequence === 3);
    const { status, partitions } = healthOf(followed.standings);
    expect([status, partitions[0]?.stopped, partitions[1]?.stopped]).toEqual([
      'stopped',
      'COMMIT_MALFORMED',
      undefined,
    ]);
    expect(() => {
      expectNoneStopped(followed.standings, 'the list');
    }).toThrow('partition 0 of the list has stopped: COMMIT_MALFORMED');
  });

  it('[I7] are made again up to where they stood, then go on', async () => {
    writing[0]?.write(30);
    writing[1]?.write(10);
    followed.start();
    await until(standAt(30, 10));
    let before: readonly (readonly number[])[] = [];
    const said: [number, number][] = [];
    const rebuilt = followed.rebuild(async (refill) => {
      before = projections.map(({ content }) => [...content]);
      await drop();
      await refill((done, all) => said.push([done, all]));
      return projections.map(({ content }) => [...content]);
    });
    writing[0]?.write(1);
    expect(await rebuilt).toEqual([upTo(30), upTo(10)]);
    expect(before.map(({ length }) => length)).toEqual([30, 10]);
    expect(said.at(-1)).toEqual([40, 40]);
    await until(standAt(31, 10));
    expect(projections[0]?.content).toEqual(upTo(31));
  });

  it('are made again one time after the other', async () => {
    writing[0]?.write(4);
    followed.start();
    await until(standAt(4, 0));
    let dropping = 0;
    const counted = async (refill: Refill): Promise<void> => {
      expect(++dropping).toBe(1);
      await drop();
      await refill();
      expect(projections[0]?.content).toEqual(upTo(4));
      dropping--;
    };
    await Promise.all([followed.rebuild(counted), followed.rebuild(counted)]);
    expect(projections[0]?.content).toEqual(upTo(4));
  });

  it('say why they could not be made again, and are followed again', async () => {
    writing[0]?.write(4);
    followed.start();
    await until(standAt(4, 0));
    await expect(followed.rebuild(() => Promise.reject(away()))).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
    });
    projections[0]?.failures.push(odd());
    const rebuilt = followed.rebuild(async (refill) => {
      await drop();
      await refill();
    });
    await expect(rebuilt).rejects.toMatchObject({ code: 'COMMIT_MALFORMED' });
    await until(standAt(4, 0));
    expect(projections[0]?.content).toEqual(upTo(4));
  });

  it('write nothing after they were closed, not even when they were being made again', async () => {
    writing[0]?.write(4);
    followed.start();
    await until(standAt(4, 0));
    let closed: Promise<void> = Promise.resolve();
    const rebuilt = followed.rebuild(async (refill) => {
      closed = followed.close();
      await drop();
      await refill();
    });
    await expect(rebuilt).rejects.toMatchObject({ code: 'NOT_READY' });
    await closed;
    followed.start();
    await new Promise(setImmediate);
    expect(projections[0]?.content).toEqual([]);
    expect(sequences()[0]).toBe(4);
  });
});
