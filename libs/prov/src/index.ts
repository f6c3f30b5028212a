export { type Violation, violations } from './constraints.ts';
export {
  type Attributes,
  type ElementStatement,
  type ProvDocument,
  type ProvRelation,
  type RelationStatement,
} from './document.ts';
export { type DraftOptions, type PayloadDigest } from './draft.ts';
export { GraphIds } from './ids.ts';
export { mapCommit } from './map-commit.ts';
export { toProvJson } from './prov-json.ts';
export { toProvJsonld } from './prov-jsonld.ts';
export { toProvN } from './provn.ts';
export {
  classOf,
  type Fact,
  type Facts,
  KINDS,
  namesOf,
  type NodeKind,
  type ProvChange,
  type ProvClass,
  type ProvEdge,
  type ProvGraph,
  type ProvNode,
  type Relation,
  RELATIONS,
} from './terms.ts';
export { unfold } from './unfold.ts';
