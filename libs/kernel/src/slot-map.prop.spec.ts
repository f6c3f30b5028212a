import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { SlotMap } from './slot-map.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
const change = fc.oneof(
  { weight: 3, arbitrary: fc.record({ set: key, value: fc.option(fc.nat(), { nil: undefined }) }) },
  { weight: 2, arbitrary: fc.record({ delete: key }) },
  { weight: 1, arbitrary: fc.constant({ clear: true }) },
);

describe('SlotMap', () => {
  it('is a Map to whoever uses it, in the order of its entries too', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const slots = new SlotMap<string, number | undefined>();
        const map = new Map<string, number | undefined>();
        for (const one of changes) {
          if ('set' in one) {
            expect(slots.set(one.set, one.value)).toBe(slots);
            map.set(one.set, one.value);
          } else if ('delete' in one) expect(slots.delete(one.delete)).toBe(map.delete(one.delete));
          else
            [slots, map].forEach((either) => {
              either.clear();
            });
          expect([...slots]).toEqual([...map]);
        }
        expect(slots.size).toBe(map.size);
        expect([...slots.keys()]).toEqual([...map.keys()]);
        expect([...slots.values()]).toEqual([...map.values()]);
        const seen: unknown[] = [];
        slots.forEach((value, name, whole) => seen.push([name, value, whole === slots]));
        expect(seen).toEqual([...map].map(([name, value]) => [name, value, true]));
        for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
          expect(slots.get(name)).toBe(map.get(name));
          expect(slots.has(name)).toBe(map.has(name));
        }
      }),
    );
  });
});
