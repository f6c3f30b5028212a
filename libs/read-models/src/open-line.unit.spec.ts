import { type AnyEvent, type Commit, encodeCommit, lineText } from '@summit/events';
import { ZERO_DIGEST } from '@summit/kernel';
import { MemoryObjectStore, PayloadShelf, PayloadsToStore } from '@summit/objects';
import { MemoryKeyStore, newSalt, Vault } from '@summit/vault';
import { describe, expect, it } from '@jest/globals';
import { decodeNames } from './open-line.ts';

const large = 'x'.repeat(300_000);

/** The line of a run's commit with one event, its large payload in an object store. */
async function lineOf(event: AnyEvent): Promise<{ readonly line: string; readonly vault: Vault }> {
  const vault = new Vault(new MemoryKeyStore());
  await vault.prepare('acme');
  const shelf = new PayloadShelf(new MemoryObjectStore(), vault, newSalt);
  const commit: Commit = {
    tenant: 'acme',
    entity: { kind: 'run', id: 'run_00_1' },
    version: 2,
    tenantIndex: 1,
    tenantPrev: ZERO_DIGEST,
    salt: newSalt(),
    key: vault.takeThreadKey('acme'),
    causationId: 'frame:1.1',
    correlationId: 'run_00_1',
    actor: { kind: 'executor', id: 'e1' },
    at: 1,
    trace: '',
    decisions: [],
    events: [event],
  };
  for (;;) {
    try {
      const slim = shelf.slim(commit);
      if (!slim) throw new Error('nothing of it is large');
      return { line: lineText(encodeCommit(0, slim.commit, vault, slim.references)), vault };
    } catch (error) {
      if (!(error instanceof PayloadsToStore)) throw error;
      await error.store();
    }
  }
}

describe('names of a commit whose payloads stand in the object store', () => {
  it('are read, with null for what was not fetched', async () => {
    const data = { stepKey: 'echo#0', name: 'echo', args: { text: large } };
    const { line, vault } = await lineOf({
      type: 'StepProposed',
      v: 1,
      basis: 0,
      step: 0,
      kind: 'tool',
      effect: 'idempotent',
      actionHash: 'h',
      data,
    });
    expect(decodeNames(0, line, vault).commit.events[0]?.data).toEqual({ ...data, args: null });
  });

  it('[I6] are left out where null can not stand: a patch of the state of 300 KiB ends no projection', async () => {
    const patch = [{ op: 'add', path: '/said', value: large }];
    const { line, vault } = await lineOf({
      type: 'StatePatched',
      v: 1,
      basis: 0,
      stateVersion: 1,
      actionHash: 'h',
      data: { patch },
    });
    const { commit, erased } = decodeNames(0, line, vault);
    expect(commit.events).toMatchObject([{ type: 'StatePatched', stateVersion: 1 }]);
    expect(commit.events[0]?.data).toBeUndefined();
    expect(erased).toBe(false);
  });
});
