import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { GrowingTree } from '@summit/transparency-log';
import { FileCheckpointStore } from './checkpoint-store.ts';
import { FileTileStore } from './file-tile-store.ts';
import { MemoryTileStore } from './memory-tile-store.ts';
import { tileStoreSuite } from './tile-store.suite.ts';

let dir: string;
let count = 0;
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'summit-tiles-'));
});
afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});
const fresh = (): string => join(dir, String(++count));
const current = (): string => join(dir, String(count));

tileStoreSuite(
  'a directory',
  () => new FileTileStore(fresh()),
  () => new FileTileStore(current()),
);
tileStoreSuite(
  'memory',
  () => new MemoryTileStore(),
  (store) => store,
);

const acme = { tenant: 'acme', partition: 0 };

describe('a directory of tiles', () => {
  it('has the layout of C2SP tlog-tiles, and of partial tiles the widest alone', async () => {
    const store = new FileTileStore(fresh());
    const tree = GrowingTree.empty();
    for (const size of [10, 200, 300, 301]) {
      while (tree.size < size) tree.append(Buffer.from(String(tree.size)));
      await store.write(acme, [...tree.takeFull(), ...tree.edge()]);
    }
    const files = readdirSync(join(current(), '00', 't-acme'), { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile())
      .map((file) => join(file.parentPath, file.name).split('t-acme/')[1])
      .toSorted();
    expect(files).toEqual([
      'tile/0/000',
      'tile/0/001.p/45',
      'tile/1/000.p/1',
      'tile/entries/000',
      'tile/entries/001.p/45',
    ]);
  });

  it('[C1.1] takes a position that a crash damaged for none', async () => {
    const store = new FileTileStore(fresh());
    await store.move(0, { sequence: 1, digest: 'a'.repeat(64), epoch: 1, logs: [] });
    for (const text of ['', '{"sequence":1', '{"sequence":"1"}']) {
      writeFileSync(join(current(), '00.position.json'), text);
      expect(await store.position(0)).toBeUndefined();
    }
  });
});

describe('a directory of checkpoints', () => {
  it('[C5.2] gives back every note in its order, for each tenant and partition', async () => {
    const store = new FileCheckpointStore(fresh());
    const odd = { tenant: 'Blü /../', partition: 0 };
    for (const note of ['one\n\n— a b\n', 'two\n\n— a b\n']) await store.keep(acme, note);
    await store.keep(odd, 'three\n');
    await store.keep({ ...acme, partition: 1 }, 'four\n');
    const again = new FileCheckpointStore(current());
    await again.keep(acme, 'five\n');
    expect(await store.kept(acme)).toEqual(['one\n\n— a b\n', 'two\n\n— a b\n', 'five\n']);
    expect(await store.kept(odd)).toEqual(['three\n']);
    expect(await store.tenants(0)).toEqual(expect.arrayContaining(['acme', 'Blü /../']));
    expect(await store.tenants(2)).toEqual([]);
  });

  it('[C1.1] forgets a note that a crash tore, and goes on behind the one before', async () => {
    await new FileCheckpointStore(fresh()).keep(acme, 'one\n');
    const file = join(current(), '00', 't-acme.jsonl');
    appendFileSync(file, '"tor');
    const store = new FileCheckpointStore(current());
    expect(await store.kept(acme)).toEqual(['one\n']);
    await store.keep(acme, 'two\n');
    expect(await store.kept(acme)).toEqual(['one\n', 'two\n']);
    expect(readFileSync(file, 'utf8')).not.toContain('tor');
  });

  it('keeps the newest head of each partition, whole', async () => {
    const store = new FileCheckpointStore(fresh());
    expect(await store.head(0)).toBeUndefined();
    await store.keepHead(0, 'a\n');
    await store.keepHead(0, 'b\n');
    expect(await store.head(0)).toBe('b\n');
    expect(await store.head(1)).toBeUndefined();
    expect(existsSync(join(current(), '00', 'head'))).toBe(true);
  });
});
