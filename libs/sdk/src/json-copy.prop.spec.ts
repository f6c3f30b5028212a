import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copyJson } from './json-copy.ts';

describe('copyJson', () => {
  it('[C1.4] gives what comes back from the journal: the same as through text', () => {
    fc.assert(
      fc.property(
        fc.anything({ withDate: true, withNullPrototype: true, withSparseArray: false }),
        (value) => {
          const text = JSON.stringify(value) as string | undefined;
          expect(copyJson(value)).toEqual(text === undefined ? null : JSON.parse(text));
        },
      ),
    );
  });

  it('shares nothing with what it copied', () => {
    const value = { a: [{ b: 1 }], d: new Date(0), gone: undefined };
    const copy = copyJson(value) as { a: { b: number }[] };
    value.a[0] = { b: 2 };
    expect(copy).toEqual({ a: [{ b: 1 }], d: '1970-01-01T00:00:00.000Z' });
  });

  it('refuses what no text can say', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    for (const value of [1n, () => 1, Symbol('s'), cycle]) expect(() => copyJson(value)).toThrow();
  });
});
