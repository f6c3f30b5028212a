import { describe, expect, it } from '@jest/globals';
import { refundRun } from './commits.fixture.ts';
import { violations } from './constraints.ts';
import { type ElementStatement, type ProvDocument, type RelationStatement } from './document.ts';
import { unfold } from './unfold.ts';

const at = (second: number): string => `2026-11-22T20:00:0${String(second)}.000Z`;
const activity = (id: string, start: number, end: number): ElementStatement => ({
  element: 'activity',
  id,
  startTime: at(start),
  endTime: at(end),
  attributes: [],
});
const relation = (
  name: RelationStatement['relation'],
  given: Readonly<Record<string, string>>,
): RelationStatement => ({ relation: name, arguments: given, attributes: [] });
const document = (
  elements: readonly ElementStatement[],
  relations: readonly RelationStatement[],
): ProvDocument => ({ prefixes: {}, elements, relations });
const found = (one: ProvDocument): number[] => violations(one).map(({ constraint }) => constraint);

describe('PROV-CONSTRAINTS', () => {
  it('[C5.3] hold for a run that called tools, was denied one, and changed state', () => {
    expect(violations(unfold('acme', refundRun().graph()))).toEqual([]);
  });

  it.each<[string, number, ProvDocument]>([
    [
      'an entity that two activities generated',
      24,
      document(
        [],
        ['a', 'b'].map((one) => relation('WAS_GENERATED_BY', { entity: 'e', activity: one })),
      ),
    ],
    [
      'an entity that was invalidated twice',
      25,
      document(
        [],
        ['a', 'b'].map((one) => relation('WAS_INVALIDATED_BY', { entity: 'e', activity: one })),
      ),
    ],
    ['an activity that ends before it starts', 30, document([activity('a', 2, 1)], [])],
    [
      'use outside of its activity',
      33,
      document([activity('a', 1, 2)], [relation('USED', { activity: 'a', entity: 'e', time: at(3) })]),
    ],
    [
      'generation outside of its activity',
      34,
      document(
        [activity('a', 1, 2)],
        [relation('WAS_GENERATED_BY', { entity: 'e', activity: 'a', time: at(0) })],
      ),
    ],
    [
      'an informant that starts too late',
      35,
      document(
        [activity('a', 1, 2), activity('b', 3, 4)],
        [relation('WAS_INFORMED_BY', { informed: 'a', informant: 'b' })],
      ),
    ],
    [
      'invalidation before generation',
      36,
      document(
        [],
        [
          relation('WAS_GENERATED_BY', { entity: 'e', activity: 'a', time: at(3) }),
          relation('WAS_INVALIDATED_BY', { entity: 'e', activity: 'b', time: at(2) }),
        ],
      ),
    ],
    [
      'use before generation',
      37,
      document(
        [],
        [
          relation('WAS_GENERATED_BY', { entity: 'e', activity: 'a', time: at(3) }),
          relation('USED', { activity: 'b', entity: 'e', time: at(2) }),
        ],
      ),
    ],
    [
      'use after invalidation',
      38,
      document(
        [],
        [
          relation('WAS_INVALIDATED_BY', { entity: 'e', activity: 'a', time: at(1) }),
          relation('USED', { activity: 'b', entity: 'e', time: at(2) }),
        ],
      ),
    ],
    [
      'an entity that is an activity',
      55,
      document([activity('a', 1, 2)], [relation('USED', { activity: 'b', entity: 'a' })]),
    ],
  ])('find %s (%i)', (_, constraint, broken) => {
    expect(found(broken)).toContain(constraint);
  });

  it('find derivation that leads back to itself (42)', () => {
    const derived = (later: string, earlier: string) =>
      relation('WAS_DERIVED_FROM', { generatedEntity: later, usedEntity: earlier });
    expect(found(document([], [derived('a', 'b'), derived('b', 'c'), derived('c', 'a')]))).toContain(42);
    expect(found(document([], [derived('a', 'b'), derived('b', 'c')]))).toEqual([]);
  });
});
