import { describe, expect, it } from '@jest/globals';
import { type Json } from '@summit/kernel';
import jsonpatch from 'fast-json-patch';
import { type PatchOperation } from './frame.ts';
import { applyDecidedPatch } from './patch-budget.ts';
import { applyPatch } from './patch.ts';

type Patch = readonly PatchOperation[];

const KIB = 1024;
const document = { a: { b: [1, 2, { c: 'x' }] }, 'd/e': { '~f': null }, g: 'text', h: [] };

/** Result of a patch, or the reason that it does not apply. */
function outcome(apply: () => unknown): unknown {
  try {
    return apply();
  } catch (error) {
    return (error as Error).message.split('\n')[0]?.replace('the patch does not apply: ', '');
  }
}

const byTheLibrary = (patch: Patch): unknown =>
  jsonpatch.applyPatch(structuredClone(document), structuredClone(patch) as never, true, true, true)
    .newDocument;

const move = (from: string, path: string): PatchOperation => ({ op: 'move', from, path });
const copy = (from: string, path: string): PatchOperation => ({ op: 'copy', from, path });
const add = (path: string, value: Json): PatchOperation => ({ op: 'add', path, value });

describe('an RFC 6902 patch', () => {
  it.each<Patch[number] | Patch>([
    move('/a/b/0', '/a/b/2'),
    move('/a/b/2', '/a/b/0'),
    move('/a/b/0', '/a/b/-'),
    move('/a', '/g'),
    move('/a', '/new'),
    move('/a', '/a'),
    move('/a', '/a/b'),
    move('/a/b', ''),
    move('/none', '/x'),
    move('/a/none/x', '/x'),
    move('/g/x', '/x'),
    move('/a', '/none/x'),
    move('/a', '/h/x'),
    move('/a', '/__proto__/x'),
    move('/__proto__', '/x'),
    move('/d~1e/~0f', '/h/0'),
    copy('/a/b', '/h/-'),
    copy('/a', '/a/b/0'),
    copy('/a', ''),
    copy('/a/b/-', '/x'),
    copy('/a/b/7', '/x'),
    copy('/none', '/x'),
    copy('/a', '/h/x'),
    copy('/d~1e', '/g'),
    [add('/x', {}), copy('/a', '/x/y'), add('/x/y/z', 1)],
    add('/h/1', 1),
    add('/none/x', 1),
    add('', { x: 1 }),
    { op: 'replace', path: '/g', value: 1 },
    { op: 'replace', path: '/none', value: 1 },
    { op: 'remove', path: '/a/b/1' },
    { op: 'remove', path: '/none' },
    { op: 'remove', path: '' },
    { op: 'test', path: '/g', value: 'text' },
    { op: 'test', path: '/g', value: 'other' },
    { op: 'test', path: '/a', value: { b: [1, 2, { c: 'x' }] } },
    { op: 'test', path: '', value: {} },
    { op: 'add', path: '/x' },
    { op: 'move', path: '/x' },
    { op: 'odd', path: '/x' },
    { path: '/x' },
    { op: 'remove', path: 'x' },
    { op: 'remove', path: 7 },
    [JSON.parse('null') as PatchOperation],
  ])('does what the library does: %j', (given) => {
    const patch = (Array.isArray(given) ? given : [given]) as Patch;
    const before = structuredClone(document);
    const expected = outcome(() => byTheLibrary(patch));
    expect(outcome(() => applyPatch(document, patch))).toEqual(expected);
    expect(outcome(() => applyDecidedPatch(document, patch))).toEqual(expected);
    expect(document).toEqual(before);
  });

  it('moves past large values without copying them', () => {
    const large = { list: [Array<number>(300_000).fill(7), 1] };
    const patch = Array.from({ length: 2000 }, () => move('/list/1', '/list/0'));
    expect(applyDecidedPatch(large, patch)).toEqual(large);
  });
});

describe('a patch that is being decided', () => {
  const round = [copy('/a', '/b'), add('/c', {}), move('/a', '/c/a'), move('/b', '/c/b'), move('/c', '/a')];
  const doubling = [add('/a', [0]), ...Array.from({ length: 40 }, () => round).flat()];
  const repeated = [
    add('/a', 'x'.repeat(100 * KIB)),
    ...Array.from({ length: 200 }, (_, n) => copy('/a', `/${String(n)}`)),
  ];

  it.each([
    ['doubles in each round', doubling],
    ['copies a long text often', repeated],
  ])('is refused at once where it %s', (_what, patch) => {
    expect(() => applyDecidedPatch({}, patch)).toThrow(
      expect.objectContaining({
        code: 'PATCH_INVALID',
        message: 'the patch makes more than 1 MiB by copying',
      }),
    );
  });

  it('may copy, up to 1 MiB', () => {
    const text = 'x'.repeat(100 * KIB);
    const patch = [copy('/a', '/b'), copy('/a', '/c'), { op: 'remove', path: '/a' }];
    expect(applyDecidedPatch({ a: text }, patch)).toEqual({ b: text, c: text });
  });

  it('leaves no more than 1 MiB, except of what was larger already and does not grow', () => {
    const half = 'é'.repeat(300 * KIB);
    expect(() => applyDecidedPatch({ a: half }, [add('/b', half)])).toThrow('over 1048576');
    const large = { a: half, b: half, c: 1 };
    expect(applyDecidedPatch(large, [{ op: 'replace', path: '/c', value: 2 }])).toEqual({ ...large, c: 2 });
    expect(applyDecidedPatch(large, [{ op: 'remove', path: '/b' }])).toEqual({ a: half, c: 1 });
    expect(() => applyDecidedPatch(large, [add('/d', 1)])).toThrow('over 1048576');
    expect(applyPatch(large, [add('/d', 1)])).toEqual({ ...large, d: 1 }); // as it was recorded
  });

  it('leaves nothing that has no canonical text', () => {
    const deeper = Array.from({ length: 300 }, () => [add('/c', {}), move('/a', '/c/a'), move('/c', '/a')]);
    for (const patch of [deeper.flat(), [add('/b', '\ud83d')], [move('', '/b')]]) {
      expect(() => applyDecidedPatch({ a: 1 }, patch)).toThrow(
        expect.objectContaining({ code: 'PATCH_INVALID' }),
      );
    }
  });
});
