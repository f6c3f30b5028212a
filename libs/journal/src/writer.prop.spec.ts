import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { contentOf } from './commits.fixture.ts';
import { decodeHeader } from './group.ts';
import { GIVE_UP, type Weather, World } from './leader.fixture.ts';

const fault = fc.constantFrom('none', 'ack_lost', 'request_lost', 'late', 'full');
const weather: fc.Arbitrary<Weather> = fc.record({
  appends: fc.array(fault, { maxLength: 8 }),
  heads: fc.array(fc.boolean(), { maxLength: 6 }),
});
const plan = fc.array(fc.constantFrom('a', 'a', 'b', '_system'), { minLength: 1, maxLength: 8 });

/** A plan that may end by giving up, with appends in flight. */
const shortPlan = fc.oneof(
  { weight: 3, arbitrary: plan },
  { weight: 1, arbitrary: plan.map((tenants) => [...tenants, GIVE_UP]) },
);

/** What must hold of any journal and of everything that was said about it. */
function judge(world: World): void {
  expect(world.violations).toEqual([]);
  const stored = contentOf(world.journal).map(({ digest }) => digest); // throws where the chain is broken
  expect(new Set(stored).size).toBe(stored.length);
  expect(new Set(world.reported).size).toBe(world.reported.length);
  for (const digest of world.reported) expect(stored).toContain(digest);
}

/** Who wrote each epoch, by the names in the group ids. */
function writersByEpoch(world: World): Map<number, Set<string>> {
  const writers = new Map<number, Set<string>>();
  for (const [i, bytes] of world.journal.groups.entries()) {
    const { epoch, groupId } = decodeHeader(bytes, { partition: 0, sequence: i + 1 });
    const names = writers.get(epoch) ?? new Set();
    writers.set(epoch, names.add(groupId.slice(0, groupId.lastIndexOf('-'))));
  }
  return writers;
}

describe('one writer on a bad network', () => {
  it('[I1] [I5] reports each commit once, when it is stored, and ends with all of them, linked', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), weather, plan, async (scheduler, bad, tenants) => {
        const world = new World(scheduler);
        const reign = world.reign('one', world.store(bad), tenants);
        await scheduler.waitIdle();
        await expect(reign).resolves.toBe('ruled');
        judge(world);
        expect(world.reported).toHaveLength(tenants.length + 1);
      }),
      { numRuns: 500 },
    );
  });

  it('[I1] [I5] does so too when tenants take turns for groups that are too small', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), weather, plan, async (scheduler, bad, tenants) => {
        const world = new World(scheduler);
        const reign = world.reign('one', world.store(bad, 512 + 900), tenants);
        await scheduler.waitIdle();
        await expect(reign).resolves.toBe('ruled');
        judge(world);
        expect(world.reported).toHaveLength(tenants.length + 1);
      }),
      { numRuns: 300 },
    );
  });
});

describe('writers that fight', () => {
  it('[I1] [I2] [I5] one epoch has one writer, the loser says nothing more, nothing reported is missing', async () => {
    let [fights, rules] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.record({ weather, plans: fc.array(shortPlan, { minLength: 1, maxLength: 3 }) }), {
          minLength: 2,
          maxLength: 3,
        }),
        async (scheduler, leaders) => {
          const world = new World(scheduler);
          const ends = leaders.map(async (leader, i) => {
            const store = world.store(leader.weather);
            const fates: string[] = [];
            for (const [reign, tenants] of leader.plans.entries()) {
              fates.push(await world.reign(`${String(i)}.${String(reign)}`, store, tenants));
            }
            return fates;
          });
          await scheduler.waitIdle();
          const fates = (await Promise.all(ends)).flat();
          fights += fates.filter((fate) => fate === 'lost').length;
          rules += fates.filter((fate) => fate === 'ruled').length;
          judge(world);
          for (const names of writersByEpoch(world).values()) expect(names.size).toBe(1);
        },
      ),
      { numRuns: 1000 },
    );
    expect(rules).toBeGreaterThan(1000);
    expect(fights).toBeGreaterThan(100); // else the interleavings hunt nothing
  });
});
