import { type Json, type JsonObject } from '@summit/kernel';
import {
  type Attributes,
  type AttributeValue,
  type ElementStatement,
  isName,
  jsonldName,
  lexical,
  type ProvDocument,
  type RelationStatement,
} from './document.ts';

/** Gives the terms of PROV-JSONLD their meaning. */
const CONTEXT = 'https://openprovenance.org/prov-jsonld/context.jsonld';

/** PROV's own attributes go by terms of the context. */
const TERMS: Readonly<Record<string, string>> = {
  'prov:type': 'type',
  'prov:label': 'label',
  'prov:role': 'role',
};

/** A document as PROV-JSONLD. https://www.w3.org/submissions/prov-jsonld/ */
export function toProvJsonld({ prefixes, elements, relations }: ProvDocument): JsonObject {
  return {
    '@context': [{ ...prefixes }, CONTEXT],
    '@graph': [...elements.map(element), ...relations.map(relation)],
  };
}

function element({ element: kind, id, startTime, endTime, attributes }: ElementStatement): JsonObject {
  return {
    '@type': `${kind.charAt(0).toUpperCase()}${kind.slice(1)}`,
    '@id': id,
    ...(startTime !== undefined && { startTime }),
    ...(endTime !== undefined && { endTime }),
    ...members(attributes),
  };
}

function relation({ relation: kind, arguments: given, attributes }: RelationStatement): JsonObject {
  return { '@type': jsonldName(kind), ...given, ...members(attributes) };
}

function members(attributes: Attributes): JsonObject {
  const all = new Map<string, Json[]>();
  for (const [name, value] of attributes) {
    const term = TERMS[name] ?? name;
    all.set(term, [...(all.get(term) ?? []), json(value)]);
  }
  return Object.fromEntries(all);
}

function json(value: AttributeValue): Json {
  if (isName(value)) return value.qname;
  const { text, type } = lexical(value);
  return type === undefined ? { '@value': text } : { '@value': text, '@type': type };
}
