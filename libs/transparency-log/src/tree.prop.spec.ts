import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decodeBundle } from './bundle.ts';
import { GrowingTree } from './growing-tree.ts';
import { type Hash, leafHash } from './hash.ts';
import { entriesOf, grow, leavesOf, naivePath, naiveRoot, naiveSubproof } from './naive-tree.fixture.ts';
import { consistencyProof, inclusionProof, rootAt } from './proofs.ts';
import { hashesAt, parseTilePath, tilePath } from './tile.ts';
import { verifyConsistency, verifyInclusion } from './verify.ts';

/** Sizes around the edges of tiles, and small ones. */
const size = fc.oneof(
  fc.integer({ min: 1, max: 40 }),
  fc.integer({ min: 250, max: 270 }),
  fc.integer({ min: 1, max: 900 }),
);
const sizes = fc.tuple(size, size).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const);

/** A tree of three levels of tiles; 600 leaves of it are compared with the naive one. */
const large = grow(entriesOf(66_000), [66_000]);

describe('a tree in tiles', () => {
  it('[C5.2] has at every size the root that RFC 6962 defines', async () => {
    await fc.assert(
      fc.asyncProperty(size, async (count) => {
        const entries = entriesOf(count);
        const { tree, tiles } = grow(entries);
        const root = naiveRoot(leavesOf(entries));
        expect(tree.root()).toEqual(root);
        expect(await rootAt(count, tiles.read)).toEqual(root);
      }),
      { numRuns: 60 },
    );
  });

  it('[C5.2] gives from any later state the roots and proofs of every earlier size', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, fc.nat(), async ([old, count], pick) => {
        const entries = entriesOf(count);
        const leaves = leavesOf(entries);
        const { tiles } = grow(entries);
        const index = pick % old;
        expect(await rootAt(old, tiles.read)).toEqual(naiveRoot(leaves.slice(0, old)));
        expect(await inclusionProof(index, old, tiles.read)).toEqual(naivePath(index, leaves.slice(0, old)));
        expect(await consistencyProof(old, count, tiles.read)).toEqual(naiveSubproof(old, leaves));
      }),
      { numRuns: 60 },
    );
  });

  it('[C1.1] goes on from its stored tiles as if it had never stopped', async () => {
    await fc.assert(
      fc.asyncProperty(sizes, async ([old, count]) => {
        const entries = entriesOf(count);
        const first = grow(entries.slice(0, old));
        const tree = await GrowingTree.restore(old, first.tiles.read);
        for (const entry of entries.slice(old)) tree.append(entry);
        first.tiles.store(tree);
        const whole = grow(entries);
        expect(tree.root()).toEqual(whole.tree.root());
        for (const [path, bytes] of whole.tiles.tiles) expect(first.tiles.tiles.get(path)).toEqual(bytes);
      }),
      { numRuns: 60 },
    );
  });

  it('has the tiles that C2SP tlog-tiles names, each hash from a full tile below', () => {
    const { tiles } = large;
    const paths = [...tiles.tiles.keys()];
    expect(paths.filter((path) => path.startsWith('0/'))).toHaveLength(258);
    expect(paths.filter((path) => path.startsWith('1/'))).toEqual(['1/000', '1/001.p/1']);
    expect(paths.filter((path) => path.startsWith('2/'))).toEqual(['2/000.p/1']);
    expect([0, 1, 2, 3].map((level) => hashesAt(level, 70_000))).toEqual([70_000, 273, 1, 0]);
    const bundle = decodeBundle(tiles.tiles.get('entries/003') ?? new Uint8Array());
    expect(bundle.map((entry) => Buffer.from(entry).toString())[5]).toBe('entry 773');
    const leaf = tiles.tiles.get('0/003')?.subarray(5 * 32, 6 * 32);
    expect(leaf).toEqual(leafHash(entriesOf(774)[773] ?? new Uint8Array()));
  });

  it('[C5.2] proves any leaf of three levels of tiles with a handful of reads', async () => {
    const root = large.tree.root();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 65_999 }), async (index) => {
        large.tiles.reads.length = 0;
        const proof = await inclusionProof(index, 66_000, large.tiles.read);
        expect(large.tiles.reads.length).toBeLessThanOrEqual(6);
        const leaf = leafHash(Buffer.from(`entry ${String(index)}`));
        expect(verifyInclusion({ leaf, index, size: 66_000, root, proof })).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('writes and reads every tile’s path', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.constant('entries' as const), fc.integer({ min: 0, max: 63 })),
        fc.oneof(fc.nat(3000), fc.integer({ min: 0, max: 1e14 })),
        fc.integer({ min: 1, max: 256 }),
        (level, index, width) => {
          expect(parseTilePath(tilePath({ level, index, width }))).toEqual({ level, index, width });
        },
      ),
    );
  });
});

const flipped = (hash: Hash, at: number): Hash => {
  const copy = Uint8Array.from(hash);
  const byte = Math.floor(at / 8) % copy.length;
  copy[byte] = (copy[byte] ?? 0) ^ (1 << (at % 8));
  return copy;
};

describe('the verification of proofs', () => {
  it('[C5.2] refuses an inclusion proof of which any bit, the index or the size is another', () => {
    fc.assert(
      fc.property(size, fc.nat(), fc.nat(), (count, pick, at) => {
        const leaves = leavesOf(entriesOf(count));
        const index = pick % count;
        const claim = {
          leaf: leaves[index] ?? new Uint8Array(),
          index,
          size: count,
          root: naiveRoot(leaves),
          proof: naivePath(index, leaves),
        };
        expect(verifyInclusion(claim)).toBe(true);
        expect(verifyInclusion({ ...claim, leaf: flipped(claim.leaf, at) })).toBe(false);
        expect(verifyInclusion({ ...claim, root: flipped(claim.root, at) })).toBe(false);
        for (const i of claim.proof.keys()) {
          expect(
            verifyInclusion({ ...claim, proof: claim.proof.map((h, j) => (i === j ? flipped(h, at) : h)) }),
          ).toBe(false);
          expect(verifyInclusion({ ...claim, proof: claim.proof.filter((_, j) => j !== i) })).toBe(false);
        }
        expect(verifyInclusion({ ...claim, proof: [...claim.proof, claim.root] })).toBe(false);
        for (const other of [index - 1, index + 1, 0.5])
          expect(verifyInclusion({ ...claim, index: other })).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('[C5.2] holds for any two sizes, and refuses a proof of consistency of which any bit is another', () => {
    fc.assert(
      fc.property(sizes, fc.nat(), ([oldSize, count], at) => {
        const leaves = leavesOf(entriesOf(count));
        const claim = {
          oldSize,
          oldRoot: naiveRoot(leaves.slice(0, oldSize)),
          size: count,
          root: naiveRoot(leaves),
          proof: naiveSubproof(oldSize, leaves),
        };
        expect(verifyConsistency(claim)).toBe(true);
        expect(verifyConsistency({ ...claim, oldRoot: flipped(claim.oldRoot, at) })).toBe(false);
        expect(verifyConsistency({ ...claim, root: flipped(claim.root, at) })).toBe(false);
        for (const i of claim.proof.keys()) {
          expect(
            verifyConsistency({ ...claim, proof: claim.proof.map((h, j) => (i === j ? flipped(h, at) : h)) }),
          ).toBe(false);
          expect(verifyConsistency({ ...claim, proof: claim.proof.filter((_, j) => j !== i) })).toBe(false);
        }
        expect(verifyConsistency({ ...claim, proof: [...claim.proof, claim.root] })).toBe(false);
      }),
      { numRuns: 100 },
    );
  });

  it('[C5.2] finds a leaf that was changed, dropped or exchanged between two checkpoints', async () => {
    await fc.assert(
      fc.asyncProperty(
        sizes,
        fc.nat(),
        fc.constantFrom('change', 'drop', 'exchange'),
        async ([old, more], pick, how) => {
          const count = more + 2;
          const honest = entriesOf(count);
          const forged = [...honest];
          const at = pick % old;
          if (how === 'change') forged[at] = Buffer.from('other');
          if (how === 'drop') forged.splice(at, 1);
          if (how === 'exchange') forged.splice(at, 2, ...forged.slice(at, at + 2).toReversed());
          const oldRoot = naiveRoot(leavesOf(honest.slice(0, old)));
          const { tree, tiles } = grow(forged);
          const proof = await consistencyProof(old, tree.size, tiles.read);
          expect(
            verifyConsistency({ oldSize: old, oldRoot, size: tree.size, root: tree.root(), proof }),
          ).toBe(false);
        },
      ),
      { numRuns: 100 },
    );
  });
});
