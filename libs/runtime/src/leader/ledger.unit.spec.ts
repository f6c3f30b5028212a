import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MemoryJournal, MemoryJournalStore } from '@summit/journal';
import { MemoryObjectStore } from '@summit/objects';
import { MemoryKeyStore, randomHex, Vault } from '@summit/vault';
import { silentLog } from '../log.ts';
import { holdTime, testClock } from '../world.fixture.ts';
import { type Ledger } from './ledger.ts';
import { openLedger } from './open-ledger.ts';

/** A ledger over a journal whose acknowledgements are held back for as long as the test says. */
async function slowly(electionMs = 0): Promise<{ ledger: Ledger; answer: () => void }> {
  const held: (() => void)[] = [];
  let hold = false;
  class SlowStore extends MemoryJournalStore {
    override async append(bytes: Uint8Array, expectedSequence: number) {
      const outcome = await super.append(bytes, expectedSequence);
      if (hold) await new Promise<void>((resolve) => held.push(resolve));
      else jest.advanceTimersByTime(electionMs);
      return outcome;
    }
  }
  const ledger = await openLedger({
    partition: 0,
    store: new SlowStore(new MemoryJournal()),
    objects: new MemoryObjectStore(),
    vault: new Vault(new MemoryKeyStore()),
    clock: testClock,
    random: randomHex,
    incarnation: 'one',
    log: silentLog,
    onLost: () => undefined,
  });
  hold = true;
  const answer = (): void => {
    hold = false;
    for (const release of held.splice(0)) release();
  };
  return { ledger, answer };
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

const digest = 'a'.repeat(64);
const identity = { policy: digest, bundle: digest, wasm: digest, data: digest, engine: 'none' };

describe('Ledger', () => {
  beforeEach(holdTime);
  afterEach(() => {
    jest.useRealTimers();
  });

  it('[I2] holds the journal since it sent what was acknowledged, not since it heard of that', async () => {
    const { ledger, answer } = await slowly();
    ledger.activate('acme', identity);
    await turn();
    jest.advanceTimersByTime(10_000);
    answer();
    await turn();
    expect(ledger.pending).toBe(0);
    expect(ledger.holdsSince(9_999)).toBe(false);
    expect(ledger.holdsSince(10_000)).toBe(true);
    await ledger.confirm();
    expect(ledger.holdsSince(0)).toBe(true);
  });

  it('[I2] holds it since it sent its election', async () => {
    const { ledger } = await slowly(10_000);
    expect(ledger.holdsSince(9_999)).toBe(false);
    expect(ledger.holdsSince(10_000)).toBe(true);
  });
});
