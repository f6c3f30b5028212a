import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { FewMap } from './few-map.ts';

const key = fc.constantFrom('', 'a', 'b', 'c');
const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ set: key, value: fc.record({ n: fc.nat() }) }) },
  { weight: 4, arbitrary: fc.record({ delete: key }) },
  { weight: 1, arbitrary: fc.constant({ clear: true }) },
);

describe('FewMap', () => {
  it('holds what a Map would hold, in the same order', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const few = new FewMap<object>();
        const map = new Map<string, object>();
        for (const one of changes) {
          if ('set' in one) {
            few.set(one.set, one.value);
            map.set(one.set, one.value);
          } else if ('delete' in one) expect(few.delete(one.delete)).toBe(map.delete(one.delete));
          else
            [few, map].forEach((either) => {
              either.clear();
            });
          expect(few.values()).toEqual([...map.values()]);
          expect(few.size).toBe(map.size);
          for (const name of ['', 'a', 'b', 'c', 'd']) {
            expect(few.get(name)).toBe(map.get(name));
            expect(few.has(name)).toBe(map.has(name));
          }
        }
      }),
    );
  });
});
