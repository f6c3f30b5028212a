import { type Json, type JsonObject } from '@summit/kernel';
import {
  type Attributes,
  type AttributeValue,
  isName,
  lexical,
  provnName,
  type ProvDocument,
} from './document.ts';

type Members = Record<string, Json>;

/** A document as PROV-JSON. https://www.w3.org/submissions/prov-json/ */
export function toProvJson({ prefixes, elements, relations }: ProvDocument): JsonObject {
  const sections = new Map<string, Members>();
  const section = (name: string): Members => {
    const known = sections.get(name) ?? {};
    sections.set(name, known);
    return known;
  };
  for (const { element, id, startTime, endTime, attributes } of elements) {
    section(element)[id] = {
      ...(startTime !== undefined && { 'prov:startTime': startTime }),
      ...(endTime !== undefined && { 'prov:endTime': endTime }),
      ...members(attributes),
    };
  }
  for (const [n, { relation, arguments: given, attributes }] of relations.entries()) {
    const named = Object.entries(given).map(([argument, value]): [string, Json] => [
      `prov:${argument}`,
      value,
    ]);
    const statement: Members = { ...Object.fromEntries(named), ...members(attributes) };
    section(provnName(relation))[`_:r${String(n + 1)}`] = statement;
  }
  return { prefix: prefixes, ...Object.fromEntries(sections) };
}

/** An attribute that is said twice has a list. */
function members(attributes: Attributes): Members {
  const all = new Map<string, Json[]>();
  for (const [name, value] of attributes) all.set(name, [...(all.get(name) ?? []), json(value)]);
  return Object.fromEntries(
    [...all].map(([name, values]) => [name, values.length === 1 ? (values[0] ?? null) : values]),
  );
}

function json(value: AttributeValue): Json {
  if (isName(value)) return { $: value.qname, type: 'xsd:QName' };
  const { text, type } = lexical(value);
  return type === undefined ? text : { $: text, type };
}
