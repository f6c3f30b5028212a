import { beforeEach, describe, expect, it } from '@jest/globals';
import { GrowingTree, type LogName, rootAt, type Tile } from '@summit/transparency-log';
import { type TileStore } from './tile-store.ts';

const acme: LogName = { tenant: 'acme', partition: 0 };
const odd: LogName = { tenant: 'Blü /../', partition: 0 };
const later: LogName = { tenant: 'acme', partition: 1 };
const POSITION = { sequence: 7, digest: 'a'.repeat(64), epoch: 1 };

const entry = (log: LogName, i: number): Buffer =>
  Buffer.from(`${log.tenant} ${String(log.partition)} ${String(i)}`);

/** What every place for tiles must do; `make` gives an empty one, `reopen` the same as another process would see it. */
export function tileStoreSuite(
  name: string,
  make: () => TileStore,
  reopen: (store: TileStore) => TileStore,
): void {
  describe(`${name} as a place for tiles`, () => {
    let store: TileStore;
    beforeEach(() => {
      store = make();
    });

    const grown = async (log: LogName, sizes: readonly number[]): Promise<GrowingTree> => {
      const tree = GrowingTree.empty();
      for (const size of sizes) {
        while (tree.size < size) tree.append(entry(log, tree.size));
        await store.write(log, [...tree.takeFull(), ...tree.edge()]);
      }
      return tree;
    };
    const readOf = (log: LogName) => async (tile: Tile) => {
      const bytes = await reopen(store).read(log, tile);
      if (!bytes) throw new Error('missing');
      return bytes;
    };

    it('[C5.2] makes every root that was stored once, at whatever size the tree is later', async () => {
      const sizes = [1, 2, 255, 256, 257, 300, 600];
      await grown(acme, sizes);
      for (const size of sizes) {
        const alone = GrowingTree.empty();
        while (alone.size < size) alone.append(entry(acme, alone.size));
        expect(await rootAt(size, readOf(acme))).toEqual(alone.root());
        expect((await GrowingTree.restore(size, readOf(acme))).root()).toEqual(alone.root());
      }
    });

    it('[I8] keeps tenants and partitions apart, whatever they are called', async () => {
      const trees = [await grown(acme, [300]), await grown(odd, [300]), await grown(later, [300])];
      const roots = await Promise.all([acme, odd, later].map((log) => rootAt(300, readOf(log))));
      expect(roots).toEqual(trees.map((tree) => tree.root()));
      expect(new Set(roots.map((root) => Buffer.from(root).toString('hex'))).size).toBe(3);
    });

    it('knows nothing of what was not stored', async () => {
      await grown(acme, [3]);
      expect(await store.read(acme, { level: 0, index: 0, width: 4 })).toBeUndefined();
      expect(await store.read(acme, { level: 0, index: 1, width: 1 })).toBeUndefined();
      expect(
        await store.read({ tenant: 'nobody', partition: 0 }, { level: 0, index: 0, width: 1 }),
      ).toBeUndefined();
      expect(await store.position(0)).toBeUndefined();
    });

    it('keeps a position for each partition, and drops it with the tiles', async () => {
      await grown(acme, [300]);
      await grown(later, [300]);
      const position = {
        ...POSITION,
        logs: [{ tenant: 'acme', size: 300, last: 'b'.repeat(64), root: 'c'.repeat(64) }],
      };
      await store.move(0, position);
      await store.move(1, { ...position, sequence: 9 });
      expect(await reopen(store).position(0)).toEqual(position);
      await store.drop(0);
      expect(await reopen(store).position(0)).toBeUndefined();
      expect(await store.read(acme, { level: 0, index: 0, width: 256 })).toBeUndefined();
      expect((await reopen(store).position(1))?.sequence).toBe(9);
      expect(await store.read(later, { level: 0, index: 0, width: 256 })).toHaveLength(8192);
    });
  });
}
