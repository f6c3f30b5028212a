import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { FileKeyStore } from './file-key-store.ts';

let directory: string;
const opened: FileKeyStore[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'summit-keys-'));
});
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close();
  rmSync(directory, { recursive: true, force: true });
});

/** A process that opens the directory. */
function process(): FileKeyStore {
  const store = new FileKeyStore(directory, { refreshMs: 0 });
  opened.push(store);
  return store;
}

const files = (): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));

const keyFile = (): string => files().find((file) => file.endsWith('.keys')) ?? '';

const hexOf = (key: unknown): string =>
  key instanceof Uint8Array ? Buffer.from(key).toString('hex') : String(key);

describe('a directory of keys', () => {
  it('[C1.1] gives the same keys to the next process', () => {
    const first = process();
    const ids = Array.from({ length: 200 }, () => first.takeThreadKey('acme'));
    const tenantKey = hexOf(first.get('acme', first.tenantKey('acme')));
    const second = process();
    expect(ids.map((id) => hexOf(second.get('acme', id)))).toEqual(
      ids.map((id) => hexOf(first.get('acme', id))),
    );
    expect(hexOf(second.get('acme', second.tenantKey('acme')))).toBe(tenantKey);
    expect(second.takeThreadKey('acme')).not.toBe(ids[0]);
  });

  it('is shared by processes: each finds at once what the others minted', () => {
    const [one, two] = [process(), process()];
    for (let round = 0; round < 3; round++) {
      for (let i = 0; i < 100; i++) {
        const [mine, theirs] = [one.takeThreadKey('acme'), two.takeThreadKey('acme')];
        expect(hexOf(two.get('acme', mine))).toBe(hexOf(one.get('acme', mine)));
        expect(hexOf(one.get('acme', theirs))).toBe(hexOf(two.get('acme', theirs)));
      }
    }
  });

  it('makes one master key and one tenant key, whoever is first', () => {
    const stores = [process(), process(), process()];
    const keys = stores.map((store) => hexOf(store.get('acme', store.tenantKey('acme'))));
    expect(new Set(keys).size).toBe(1);
    expect(files().filter((file) => /(master|tenant)\.key/.test(file))).toHaveLength(2);
  });

  it('takes over what another process destroyed, its own keys too', async () => {
    const [one, two] = [process(), process()];
    const [mine, theirs] = [one.takeThreadKey('acme'), two.takeThreadKey('acme')];
    for (const id of [mine, theirs]) expect(hexOf(one.get('acme', id))).toHaveLength(64);
    await two.destroy('acme', mine);
    await two.destroy('acme', theirs);
    one.refresh();
    expect([one.get('acme', mine), one.get('acme', theirs)]).toEqual(['erased', 'erased']);
    expect(one.erasures).toBeGreaterThan(0);
    one.takeThreadKey('acme'); // a refill after it does not bring the key back
    await one.mintThreadKeys('acme', 100);
    expect(process().get('acme', mine)).toBe('erased');
  });

  it('takes over that a whole tenant was erased', async () => {
    const [one, two] = [process(), process()];
    const id = one.takeThreadKey('acme');
    await two.destroy('acme', two.tenantKey('acme'));
    one.refresh();
    expect(one.get('acme', id)).toBe('erased');
    expect(process().get('acme', id)).toBe('erased');
  });

  it('leaves nothing of a destroyed key in its file', async () => {
    const store = process();
    const id = store.takeThreadKey('acme');
    const before = readFileSync(keyFile());
    await store.destroy('acme', id);
    const after = readFileSync(keyFile());
    const wrapped = before.subarray(28, 76);
    expect(before.includes(wrapped)).toBe(true);
    expect(after.includes(wrapped)).toBe(false);
    expect(process().get('acme', id)).toBe('erased');
  });

  it('holds keys wrapped, in files that the owner alone reads', () => {
    const store = process();
    const id = store.takeThreadKey('acme');
    const tenantKey = store.get('acme', store.tenantKey('acme'));
    const contents = files().map((file) => readFileSync(file).toString('hex'));
    for (const key of [hexOf(store.get('acme', id)), hexOf(tenantKey)]) {
      expect(contents.some((content) => content.includes(key))).toBe(false);
    }
    for (const file of files()) expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it('[C1.1] tolerates a tail that a crash tore, and never gives its keys out', () => {
    const first = process();
    const ids = Array.from({ length: 64 }, () => first.takeThreadKey('acme'));
    const file = keyFile();
    const size = statSync(file).size;
    for (const tail of [Buffer.alloc(77, 1), Buffer.alloc(128, 2), Buffer.alloc(300)]) {
      truncateSync(file, size);
      appendFileSync(file, tail);
      const next = process();
      expect(hexOf(next.get('acme', ids[0] ?? ''))).toBe(hexOf(first.get('acme', ids[0] ?? '')));
      expect(hexOf(next.get('acme', next.takeThreadKey('acme')))).toHaveLength(64);
    }
  });

  it('says that a record is corrupt, never that its key was erased or is unknown', () => {
    const id = process().takeThreadKey('acme');
    const bytes = readFileSync(keyFile());
    const corrupt = expect.objectContaining({ code: 'KEY_CORRUPT' });
    for (const at of [0, 1, 2, 4, 28, 75, 124, 127]) {
      const changed = Buffer.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ 1;
      writeFileSync(keyFile(), changed);
      expect(() => process().get('acme', id)).toThrow(corrupt);
    }
  });

  it('finds no key that was copied to another place or from another tenant', () => {
    const store = process();
    const [first] = [store.takeThreadKey('acme'), store.takeThreadKey('acme')];
    const bytes = readFileSync(keyFile());
    bytes.copy(bytes, 0, 128, 256); // the second record stands where the first was
    writeFileSync(keyFile(), bytes);
    expect(() => process().get('acme', first)).toThrow(expect.objectContaining({ code: 'KEY_CORRUPT' }));
  });

  it('refuses a directory whose master key is not the one that wrapped it', () => {
    process().takeThreadKey('acme');
    writeFileSync(join(directory, 'master.key'), Buffer.alloc(32, 7));
    expect(() => process().tenantKey('acme')).toThrow(expect.objectContaining({ code: 'KEY_CORRUPT' }));
  });

  it('takes any tenant’s name, be it long or odd', () => {
    const store = process();
    for (const tenant of ['Blu ü/..', '..', 'x'.repeat(256), '_system']) {
      const id = store.takeThreadKey(tenant);
      expect(hexOf(store.get(tenant, id))).toHaveLength(64);
    }
    expect(() => store.takeThreadKey('x'.repeat(257))).toThrow(
      expect.objectContaining({ code: 'INVALID_ID' }),
    );
  });

  it('refills its pool before it runs dry, in the background', async () => {
    const store = process();
    await store.prepare('acme');
    const size = statSync(keyFile()).size;
    for (let i = 0; i < 40; i++) store.takeThreadKey('acme');
    const deadline = Date.now() + 5000;
    while (statSync(keyFile()).size === size && Date.now() < deadline) await new Promise(setImmediate);
    expect(statSync(keyFile()).size).toBeGreaterThan(size);
  });
});
