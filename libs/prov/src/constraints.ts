/**
 * What makes a document sensible history: the essentials of PROV-CONSTRAINTS. Times that a document does not give
 * bring no violation. https://www.w3.org/TR/prov-constraints/
 *
 * Checked: 24/25 one generation and one invalidation, 30 start before end, 33/34 usage and generation within their
 * activity, 35 communication, 36–38 generation, usage and invalidation in order, 42 derivation (which orders strictly,
 * so nothing derives from itself), 55 entities are no activities; and that ends of relations are of the right class.
 */
import { ARGUMENTS, type ElementStatement, type ProvDocument, type RelationStatement } from './document.ts';
import { RELATIONS } from './terms.ts';

/** One thing that can not be. */
export interface Violation {
  /** Number in PROV-CONSTRAINTS. */
  readonly constraint: number;
  /** The name that it is about. */
  readonly subject: string;
  readonly message: string;
}

/** All violations of a document; none where it is valid as far as is checked. */
export function violations(document: ProvDocument): Violation[] {
  const check = new Check(document);
  return [
    ...check.disjointness(),
    ...check.uniqueness(),
    ...check.activities(),
    ...check.withinActivities(),
    ...check.entities(),
    ...check.communication(),
    ...check.derivations(),
  ];
}

class Check {
  readonly #elements: readonly ElementStatement[];
  readonly #relations: readonly RelationStatement[];
  readonly #activities: ReadonlyMap<string, ElementStatement>;

  constructor({ elements, relations }: ProvDocument) {
    this.#elements = elements;
    this.#relations = relations;
    this.#activities = new Map(elements.filter(isActivity).map((one) => [one.id, one]));
  }

  /** 55, and 50: what stands at an end of a relation is of the class that the relation says. */
  *disjointness(): Iterable<Violation> {
    const classes = new Map<string, Set<string>>();
    const say = (id: string | undefined, type: string): void => {
      if (id !== undefined) classes.set(id, (classes.get(id) ?? new Set()).add(type));
    };
    for (const { element, id } of this.#elements) say(id, element);
    for (const { relation, arguments: given } of this.#relations) {
      const [from, to] = ARGUMENTS[relation];
      say(given[from], RELATIONS[relation].from.toLowerCase());
      say(given[to], RELATIONS[relation].to.toLowerCase());
      say(given['plan'], 'entity');
    }
    for (const [id, types] of classes) {
      if (types.has('entity') && types.has('activity'))
        yield violation(55, id, 'is an entity and an activity');
    }
  }

  /** 24, 25: events of one entity are one. */
  *uniqueness(): Iterable<Violation> {
    for (const [relation, constraint] of [
      ['WAS_GENERATED_BY', 24],
      ['WAS_INVALIDATED_BY', 25],
    ] as const) {
      const seen = new Set<string>();
      for (const { arguments: given } of this.#of(relation)) {
        const { entity = '' } = given;
        if (seen.has(entity)) yield violation(constraint, entity, `${relation} more than once`);
        seen.add(entity);
      }
    }
  }

  /** 30. */
  *activities(): Iterable<Violation> {
    for (const { id, startTime, endTime } of this.#activities.values()) {
      if (after(startTime, endTime)) yield violation(30, id, 'ends before it starts');
    }
  }

  /** 33, 34. */
  *withinActivities(): Iterable<Violation> {
    for (const [relation, constraint] of [
      ['USED', 33],
      ['WAS_GENERATED_BY', 34],
    ] as const) {
      for (const { arguments: given } of this.#of(relation)) {
        const activity = this.#activities.get(given['activity'] ?? '');
        if (after(activity?.startTime, given['time']) || after(given['time'], activity?.endTime)) {
          yield violation(constraint, given['entity'] ?? '', `${relation} outside of ${activity?.id ?? ''}`);
        }
      }
    }
  }

  /** 36, 37, 38. */
  *entities(): Iterable<Violation> {
    const generated = this.#times('WAS_GENERATED_BY');
    const invalidated = this.#times('WAS_INVALIDATED_BY');
    for (const [entity, time] of generated) {
      if (after(time, invalidated.get(entity)))
        yield violation(36, entity, 'is invalidated before it is generated');
    }
    for (const { arguments: given } of this.#of('USED')) {
      const { entity = '', time } = given;
      if (after(generated.get(entity), time)) yield violation(37, entity, 'is used before it is generated');
      if (after(time, invalidated.get(entity)))
        yield violation(38, entity, 'is used after it is invalidated');
    }
  }

  /** 35: who informs has started before who is informed has ended. */
  *communication(): Iterable<Violation> {
    for (const { arguments: given } of this.#of('WAS_INFORMED_BY')) {
      const informed = this.#activities.get(given['informed'] ?? '');
      const informant = this.#activities.get(given['informant'] ?? '');
      if (after(informant?.startTime, informed?.endTime)) {
        yield violation(35, informed?.id ?? '', `ended before its informant ${informant?.id ?? ''} started`);
      }
    }
  }

  /** 42: what something derives from was generated before it; strictly, so there is no way back. */
  *derivations(): Iterable<Violation> {
    const sources = new Map<string, string[]>();
    const generated = this.#times('WAS_GENERATED_BY');
    for (const { arguments: given } of this.#of('WAS_DERIVED_FROM')) {
      const { generatedEntity: later = '', usedEntity: earlier = '' } = given;
      sources.set(later, [...(sources.get(later) ?? []), earlier]);
      if (after(generated.get(earlier), generated.get(later))) {
        yield violation(42, later, `was generated before ${earlier}, from which it derives`);
      }
    }
    for (const entity of cyclic(sources)) yield violation(42, entity, 'derives from itself');
  }

  #of(relation: RelationStatement['relation']): readonly RelationStatement[] {
    return this.#relations.filter((one) => one.relation === relation);
  }

  #times(relation: 'WAS_GENERATED_BY' | 'WAS_INVALIDATED_BY'): ReadonlyMap<string, string> {
    const timed = this.#of(relation).flatMap(({ arguments: { entity = '', time } }) =>
      time === undefined ? [] : [[entity, time] as const],
    );
    return new Map(timed);
  }
}

const isActivity = ({ element }: ElementStatement): boolean => element === 'activity';

/** ISO 8601 in UTC with milliseconds sorts as text. */
const after = (one: string | undefined, other: string | undefined): boolean =>
  one !== undefined && other !== undefined && one > other;

const violation = (constraint: number, subject: string, message: string): Violation => ({
  constraint,
  subject,
  message,
});

/** Nodes that lead back to themselves: what is left when whatever leads nowhere is taken away, again and again. */
function cyclic(sources: ReadonlyMap<string, readonly string[]>): string[] {
  const left = new Map(sources);
  for (let taken = true; taken;) {
    taken = false;
    for (const [entity, from] of left) {
      if (from.some((source) => left.has(source))) continue;
      left.delete(entity);
      taken = true;
    }
  }
  return [...left.keys()];
}
