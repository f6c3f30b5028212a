import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { decodeBundle, encodeBundle } from './bundle.ts';
import { GrowingTree } from './growing-tree.ts';
import { EMPTY_ROOT, leafHash } from './hash.ts';
import { entriesOf, grow } from './naive-tree.fixture.ts';
import { consistencyProof, inclusionProof, rootAt } from './proofs.ts';
import { parseTilePath } from './tile.ts';
import { verifyConsistency, verifyInclusion } from './verify.ts';

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
const bytes = (text: string): Buffer => Buffer.from(text, 'hex');
const malformed = expect.objectContaining({ code: 'LOG_MALFORMED' });

/** The eight leaves, and the roots of the trees of the first n of them, that the Certificate Transparency logs test with. */
const LEAVES = [
  '',
  '00',
  '10',
  '2021',
  '3031',
  '40414243',
  '5051525354555657',
  '606162636465666768696a6b6c6d6e6f',
];
const ROOTS = [
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

/** What `fixtures/README.md` says how to make: by another's code, over {@link entriesOf}. */
const vectors = z
  .object({
    roots: z.array(z.object({ size: z.int(), root: z.string() })),
    inclusion: z.array(z.object({ index: z.int(), size: z.int(), proof: z.array(z.string()) })),
    consistency: z.array(z.object({ old: z.int(), size: z.int(), proof: z.array(z.string()) })),
  })
  .parse(JSON.parse(readFileSync(join(import.meta.dirname, '..', 'fixtures', 'vectors.json'), 'utf8')));

describe('known answers', () => {
  it('[C5.2] of RFC 6962: the empty tree and the eight trees of Certificate Transparency', () => {
    expect(hex(EMPTY_ROOT)).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    const tree = GrowingTree.empty();
    expect(tree.root()).toEqual(EMPTY_ROOT);
    for (const [i, leaf] of LEAVES.entries()) {
      tree.append(bytes(leaf));
      expect(hex(tree.root())).toBe(ROOTS[i]);
    }
  });

  it('[C5.2] of another implementation: roots and proofs over several levels of tiles', async () => {
    const { tiles } = grow(entriesOf(vectors.roots.at(-1)?.size ?? 0));
    const roots = new Map(vectors.roots.map(({ size, root }) => [size, root]));
    for (const { size, root } of vectors.roots) expect(hex(await rootAt(size, tiles.read))).toBe(root);
    for (const { index, size, proof } of vectors.inclusion) {
      expect((await inclusionProof(index, size, tiles.read)).map(hex)).toEqual(proof);
      const leaf = leafHash(Buffer.from(`entry ${String(index)}`));
      const root = bytes(roots.get(size) ?? '');
      expect(verifyInclusion({ leaf, index, size, root, proof: proof.map(bytes) })).toBe(true);
    }
    for (const { old, size, proof } of vectors.consistency) {
      expect((await consistencyProof(old, size, tiles.read)).map(hex)).toEqual(proof);
      const [oldRoot, root] = [bytes(roots.get(old) ?? ''), bytes(roots.get(size) ?? '')];
      expect(verifyConsistency({ oldSize: old, oldRoot, size, root, proof: proof.map(bytes) })).toBe(true);
    }
  });
});

describe('edges', () => {
  it('every tree begins with the empty one, and with itself', () => {
    const root = bytes(ROOTS[2] ?? '');
    const claim = { oldSize: 0, oldRoot: EMPTY_ROOT, size: 3, root, proof: [] };
    expect(verifyConsistency(claim)).toBe(true);
    expect(verifyConsistency({ ...claim, oldRoot: root })).toBe(false);
    expect(verifyConsistency({ ...claim, oldSize: 3, oldRoot: root })).toBe(true);
    expect(verifyConsistency({ ...claim, oldSize: 3 })).toBe(false);
    expect(verifyConsistency({ ...claim, oldSize: 4 })).toBe(false);
    expect(verifyConsistency({ ...claim, oldSize: 2 })).toBe(false);
  });

  it.each([
    '0/1',
    '0/0000',
    'x/000',
    '64/000',
    '0/000.p/0',
    '0/000.p/256',
    '0/x000/000',
    '0/000.p/007',
    '00/000',
    '../000',
    '0/1000',
    '',
  ])('takes no path that tlog-tiles does not write: "%s"', (path) => {
    expect(() => parseTilePath(path)).toThrow(malformed);
  });

  it('keeps entries with their lengths, and says where a bundle is cut off', () => {
    const entries = [bytes(''), bytes('00'), new Uint8Array(65_535)];
    const bundle = encodeBundle(entries);
    expect(decodeBundle(bundle).map(hex)).toEqual(entries.map(hex));
    expect(decodeBundle(bundle, 2).map(hex)).toEqual(['', '00']);
    expect(() => decodeBundle(bundle.subarray(0, -1))).toThrow(malformed);
    expect(() => decodeBundle(bundle, 4)).toThrow(malformed);
    expect(() => encodeBundle([new Uint8Array(65_536)])).toThrow(malformed);
  });
});
