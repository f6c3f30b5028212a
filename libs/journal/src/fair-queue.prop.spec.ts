import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FairQueue, type Pending } from './fair-queue.ts';

const ROOM = 40_000;

function pendingOf(tenant: string, ordinal: number, bytes: number): Pending {
  return {
    commit: { id: `00-${tenant}-${String(ordinal)}`, line: Buffer.alloc(0), digest: '' },
    ordinal,
    bytes,
  };
}
const tenantOf = ({ commit }: Pending): string => commit.id.split('-')[1] ?? '';

/** Pushes and takes in any order; what was taken, group by group. */
const traffic = fc.array(
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc.tuple(fc.constantFrom('a', 'b', 'c', '_system'), fc.integer({ min: 1, max: 20_000 })),
    },
    { weight: 1, arbitrary: fc.constant('take' as const) },
  ),
  { maxLength: 120 },
);

function run(steps: readonly (readonly [string, number] | 'take')[]): {
  pushed: Pending[];
  groups: Pending[][];
} {
  const queue = new FairQueue();
  const pushed: Pending[] = [];
  const groups: Pending[][] = [];
  for (const step of steps) {
    if (step === 'take') groups.push(queue.take(ROOM));
    else
      queue.push(
        pushed[pushed.push(pendingOf(step[0], pushed.length + 1, step[1])) - 1] ?? pendingOf('', 0, 0),
      );
  }
  while (queue.count > 0) groups.push(queue.take(ROOM));
  expect(queue.bytes).toBe(0);
  return { pushed, groups };
}

describe('the queue of waiting commits', () => {
  it('loses nothing, repeats nothing, and never takes more than there is room for', () => {
    fc.assert(
      fc.property(traffic, (steps) => {
        const { pushed, groups } = run(steps);
        expect(
          groups
            .flat()
            .map(({ ordinal }) => ordinal)
            .sort((x, y) => x - y),
        ).toEqual(pushed.map(({ ordinal }) => ordinal));
        for (const group of groups) {
          expect(group.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(ROOM);
        }
      }),
    );
  });

  it('[I5] keeps each tenant’s own order, and everybody’s order around a commit of the system', () => {
    fc.assert(
      fc.property(traffic, (steps) => {
        const { pushed, groups } = run(steps);
        const taken = groups.flat();
        const order = new Map(taken.map((item, i) => [item.ordinal, i]));
        const place = ({ ordinal }: Pending): number => order.get(ordinal) ?? -1;
        for (const [i, earlier] of pushed.entries()) {
          for (const later of pushed.slice(i + 1)) {
            const bound = [tenantOf(earlier), tenantOf(later)];
            if (bound[0] !== bound[1] && !bound.includes('_system')) continue;
            expect(place(earlier)).toBeLessThan(place(later));
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  it('is first come, first served while everything fits into one group', () => {
    const queue = new FairQueue();
    for (const [i, tenant] of ['b', 'a', 'b', '_system', 'a'].entries())
      queue.push(pendingOf(tenant, i + 1, 100));
    expect(queue.take(ROOM).map(({ ordinal }) => ordinal)).toEqual([1, 2, 3, 4, 5]);
  });

  it('lets a small tenant through a large one’s backlog with the next group, also when it comes late', () => {
    const queue = new FairQueue();
    for (let i = 1; i <= 1000; i++) queue.push(pendingOf('a', i, 1000));
    expect(queue.take(ROOM)).toHaveLength(40);
    queue.push(pendingOf('b', 1001, 1000));
    const tenants = queue.take(ROOM).map(tenantOf);
    expect(tenants).toContain('b');
    expect(tenants).toContain('a');
  });

  it('shares a full group by bytes, not by commits', () => {
    const queue = new FairQueue();
    for (let i = 1; i <= 100; i++) queue.push(pendingOf('a', i, 10_000));
    for (let i = 101; i <= 1000; i++) queue.push(pendingOf('b', i, 500));
    const bytes = { a: 0, b: 0 };
    for (let group = 0; group < 10; group++) {
      for (const item of queue.take(ROOM)) bytes[tenantOf(item) === 'a' ? 'a' : 'b'] += item.bytes;
    }
    expect(bytes.a / bytes.b).toBeGreaterThan(0.7);
    expect(bytes.a / bytes.b).toBeLessThan(1.4);
  });
});
