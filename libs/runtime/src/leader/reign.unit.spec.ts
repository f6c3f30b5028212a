import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryJournal, MemoryJournalStore, MemoryLeases } from '@summit/journal';
import { MemoryObjectStore } from '@summit/objects';
import { policyTwin, twinAllow } from '@summit/policy';
import { MemoryKeyStore, randomHex, Vault } from '@summit/vault';
import { InProcessLink } from '../link.ts';
import { silentLog } from '../log.ts';
import { holdTime, testClock } from '../world.fixture.ts';
import { Reign } from './reign.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

let journal: MemoryJournal;
let keys: MemoryKeyStore;
let leases: MemoryLeases;
let served: string[];
let reigns: Reign[];
beforeEach(() => {
  holdTime();
  journal = new MemoryJournal();
  keys = new MemoryKeyStore();
  leases = new MemoryLeases(() => Date.now());
  served = [];
  reigns = [];
});
afterEach(async () => {
  await Promise.all(reigns.map((reign) => reign.close()));
  jest.useRealTimers();
});

/** One process that would lead the partition; `dead`: its renewals are not heard any more. */
function reignOf(name: string, life = { dead: false }): Reign {
  const own = leases.of(name);
  const reign = new Reign(
    {
      partition: 0,
      store: new MemoryJournalStore(journal),
      objects: new MemoryObjectStore(),
      vault: new Vault(keys),
      clock: testClock,
      random: randomHex,
      policy: policyTwin(() => twinAllow),
      link: new InProcessLink(),
      log: silentLog,
      leadership: {
        hold: (partition) => (life.dead ? Promise.reject(new Error('away')) : own.hold(partition)),
        release: (partition) => own.release(partition),
      },
      serve: () => {
        served.push(name);
        return () => served.splice(served.indexOf(name), 1);
      },
    },
    name,
  );
  reigns.push(reign);
  return reign;
}

async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 100) {
    jest.advanceTimersByTime(100);
    for (let i = 0; i < 4; i++) await turn();
  }
}

describe('two processes that could lead a partition', () => {
  it('[I2] do not take turns: one leads and serves, the other stands by', async () => {
    const [one, other] = [reignOf('one'), reignOf('other')];
    await one.start();
    await other.start();
    await pass(20_000);
    expect(one.leader?.epoch).toBe(1);
    expect(other.leader).toBeUndefined();
    expect(served).toEqual(['one']);
  });

  it('[C1.1] the other leads as soon as the first one goes', async () => {
    const [one, other] = [reignOf('one'), reignOf('other')];
    await one.start();
    await other.start();
    await one.close();
    await pass(700);
    expect(other.leader?.epoch).toBe(2);
    expect(served).toEqual(['other']);
  });

  it('[C1.1] the other leads within seconds when the first one is not heard any more, and fences it', async () => {
    const life = { dead: false };
    const [one, other] = [reignOf('one', life), reignOf('other')];
    await one.start();
    await other.start();
    life.dead = true;
    await pass(5_000);
    expect(other.leader?.epoch).toBe(2);
    await pass(5_000);
    expect(one.leader).toBeUndefined();
    expect(served).toEqual(['other']);
  });

  it('[C1.1] one that starts again under its name need not wait for its own lease', async () => {
    const life = { dead: false };
    await reignOf('one', life).start();
    life.dead = true;
    const again = reignOf('one');
    await again.start();
    expect(again.leader?.epoch).toBe(2);
  });
});
