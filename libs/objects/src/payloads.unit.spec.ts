import { type Commit, decodeCommit, encodeCommit, lineText } from '@summit/events';
import { type Json, ZERO_DIGEST } from '@summit/kernel';
import { MemoryKeyStore, newSalt, Vault } from '@summit/vault';
import { beforeEach, describe, expect, it } from '@jest/globals';
import {
  MAX_PAYLOAD_BYTES,
  MemoryObjectStore,
  PayloadShelf,
  PayloadsToStore,
  readCommit,
  SPILL_BYTES,
} from './index.ts';

const MARKER = 'a word that nobody may read';
const large = (bytes = 300_000): string => MARKER.padEnd(bytes, '.');

let vault: Vault;
let objects: MemoryObjectStore;
let shelf: PayloadShelf;
let keys: MemoryKeyStore;
beforeEach(async () => {
  keys = new MemoryKeyStore();
  vault = new Vault(keys);
  objects = new MemoryObjectStore();
  shelf = new PayloadShelf(objects, vault, newSalt);
  await vault.prepare('acme');
  await vault.prepare('blu');
});

const commitOf = (outputs: readonly Json[], tenant = 'acme', key = vault.takeThreadKey(tenant)): Commit => ({
  tenant,
  entity: { kind: 'run', id: 'run_00_1' },
  version: 2,
  tenantIndex: 1,
  tenantPrev: ZERO_DIGEST,
  salt: newSalt(),
  key,
  causationId: 'frame:1.1',
  correlationId: 'run_00_1',
  actor: { kind: 'executor', id: 'e1' },
  at: 1,
  trace: '',
  decisions: [],
  events: outputs.map((output, step) => ({
    type: 'StepCompleted',
    v: 1,
    basis: 'outcome',
    step,
    attempt: 1,
    data: { output },
  })),
});

/** Stores what a commit asks for, then gives it slim. */
async function slimmed(commit: Commit) {
  for (;;) {
    try {
      return shelf.slim(commit);
    } catch (error) {
      if (!(error instanceof PayloadsToStore)) throw error;
      await error.store();
    }
  }
}

async function lineOf(commit: Commit): Promise<string> {
  const slim = await slimmed(commit);
  return lineText(encodeCommit(0, slim?.commit ?? commit, vault, slim?.references));
}

const read = (line: string) => readCommit(line, { partition: 0, opener: vault, objects });

describe('a payload above 128 KiB', () => {
  it('stands in the object store, and is back at its place when the commit is read', async () => {
    const commit = commitOf([large(), { small: true }, [large(200_000), 1]]);
    const line = await lineOf(commit);
    expect(line.length).toBeLessThan(4_000);
    expect(objects.objects.size).toBe(2);
    const { commit: back, references } = await read(line);
    expect(back).toEqual(commit);
    expect(references?.map(({ event, member }) => [event, member])).toEqual([
      [0, 'output'],
      [2, 'output'],
    ]);
  });

  it('[I9] stands nowhere in clear, and names no digest of its clear text', async () => {
    const line = await lineOf(commitOf([large()]));
    expect(line).not.toContain(MARKER);
    expect(line).not.toContain([...objects.objects.keys()][0]?.split('/')[1]);
    for (const bytes of objects.objects.values()) expect(Buffer.from(bytes).includes(MARKER)).toBe(false);
    const planted = Buffer.from(large());
    expect(planted.includes(MARKER)).toBe(true); // the search is known to find it
  });

  it('is stored before its commit is taken, once for equal ones of a key', async () => {
    const key = vault.takeThreadKey('acme');
    const commit = commitOf([large(), large()], 'acme', key);
    expect(() => shelf.slim(commit)).toThrow(PayloadsToStore);
    expect(objects.objects.size).toBe(0);
    await slimmed(commit);
    expect(shelf.slim(commitOf([large()], 'acme', key))?.references).toHaveLength(1);
  });

  it('[I8] [C4.3] is shared neither between tenants nor between keys', async () => {
    const [own, same, other] = [commitOf([large()]), commitOf([large()]), commitOf([large()], 'blu')];
    await slimmed(own);
    expect(() => shelf.slim(same)).toThrow(PayloadsToStore);
    expect(() => shelf.slim(other)).toThrow(PayloadsToStore);
    const line = await lineOf(other);
    await expect(
      readCommit(line.replace('"blu"', '"acme"'), { partition: 0, opener: vault, objects }),
    ).rejects.toThrow();
  });

  it('reads as erased once its key is destroyed', async () => {
    const commit = commitOf([large()]);
    const line = await lineOf(commit);
    await keys.destroy('acme', commit.key);
    const { erased, commit: back } = await read(line);
    expect(erased).toBe(true);
    expect(back.events[0]?.data).toBeUndefined();
  });

  it('leaves its event without data for a reader that has no objects', async () => {
    const line = await lineOf(commitOf([large(), 'small']));
    const { commit, references } = decodeCommit(0, line, vault);
    expect(commit.events.map(({ data }) => data)).toEqual([undefined, { output: 'small' }]);
    expect(references).toHaveLength(1);
  });

  it('that is missing or changed in the store is named', async () => {
    const line = await lineOf(commitOf([large()]));
    const [name = '', bytes = new Uint8Array()] = [...objects.objects][0] ?? [];
    const changed = Uint8Array.from(bytes, (byte, i) => (i === 100 ? byte ^ 1 : byte));
    objects.objects.set(name, changed);
    await expect(read(line)).rejects.toMatchObject({ code: 'OBJECT_BROKEN' });
    objects.objects.delete(name);
    await expect(read(line)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  });

  it('above the bound of one payload is refused', () => {
    const commit = commitOf([large(MAX_PAYLOAD_BYTES)]);
    expect(() => shelf.slim(commit)).toThrow(expect.objectContaining({ code: 'PAYLOAD_TOO_LARGE' }));
  });
});

describe('a payload of 128 KiB and less', () => {
  it('stays in its commit', () => {
    expect(shelf.slim(commitOf(['x'.repeat(SPILL_BYTES - 2)]))).toBeUndefined();
  });

  it('is measured in bytes, not in characters', () => {
    expect(() => shelf.slim(commitOf(['ü'.repeat(SPILL_BYTES / 2)]))).toThrow(PayloadsToStore);
  });
});
