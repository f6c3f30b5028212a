/**
 * A PROV document as statements, before any notation: PROV-N, PROV-JSON and PROV-JSONLD all read one table.
 * https://www.w3.org/TR/prov-n/ · https://www.w3.org/submissions/prov-json/ · https://www.w3.org/submissions/prov-jsonld/
 */
import { type Fact, type Relation, RELATIONS } from './terms.ts';

/** A qualified name, `prefix:local`, where a value means a thing rather than text. */
export interface Name {
  readonly qname: string;
}

export type AttributeValue = Fact | Name;

/** Attributes of a statement, in order; a name may come twice (`prov:type`). */
export type Attributes = readonly (readonly [name: string, value: AttributeValue])[];

export interface ElementStatement {
  readonly element: 'entity' | 'activity' | 'agent';
  readonly id: string;
  /** Of activities alone; ISO 8601. */
  readonly startTime?: string | undefined;
  readonly endTime?: string | undefined;
  readonly attributes: Attributes;
}

/** Relations that PROV has by itself. */
export type ProvRelation = Exclude<Relation, 'HAD_PLAN'>;

export interface RelationStatement {
  readonly relation: ProvRelation;
  /** By the names of {@link ARGUMENTS}; those that are not known are left out. */
  readonly arguments: Readonly<Record<string, string>>;
  readonly attributes: Attributes;
}

export interface ProvDocument {
  /** Namespaces by prefix. */
  readonly prefixes: Readonly<Record<string, string>>;
  readonly elements: readonly ElementStatement[];
  readonly relations: readonly RelationStatement[];
}

/** What each relation is said about, in the order of PROV-N. The first two are what the relation's edge joins. */
export const ARGUMENTS: Readonly<Record<ProvRelation, readonly [string, string, ...string[]]>> = {
  USED: ['activity', 'entity', 'time'],
  WAS_GENERATED_BY: ['entity', 'activity', 'time'],
  WAS_INVALIDATED_BY: ['entity', 'activity', 'time'],
  WAS_INFORMED_BY: ['informed', 'informant'],
  WAS_DERIVED_FROM: ['generatedEntity', 'usedEntity', 'activity', 'generation', 'usage'],
  WAS_ATTRIBUTED_TO: ['entity', 'agent'],
  WAS_ASSOCIATED_WITH: ['activity', 'agent', 'plan'],
  ACTED_ON_BEHALF_OF: ['delegate', 'responsible', 'activity'],
};

/** How PROV-N and PROV-JSON call a relation. */
export const provnName = (relation: ProvRelation): string => RELATIONS[relation].provn;

/** How PROV-JSONLD calls it. */
export const jsonldName = (relation: ProvRelation): string => RELATIONS[relation].jsonld;

/** Numbers of PROV's shortest integer type. */
const MAX_INT = 2 ** 31 - 1;

/** Type and lexical form of a value, as XML Schema has it; a string's type is left out everywhere. */
export function lexical(value: Fact): { readonly text: string; readonly type?: string } {
  if (typeof value === 'string') return { text: value.toWellFormed() };
  if (typeof value === 'boolean') return { text: String(value), type: 'xsd:boolean' };
  if (!Number.isInteger(value)) return { text: String(value), type: 'xsd:double' };
  return { text: String(value), type: Math.abs(value) <= MAX_INT ? 'xsd:int' : 'xsd:long' };
}

export const isName = (value: AttributeValue): value is Name => typeof value === 'object';
