import {
  ARGUMENTS,
  type Attributes,
  type AttributeValue,
  type ElementStatement,
  isName,
  lexical,
  provnName,
  type ProvDocument,
  type RelationStatement,
} from './document.ts';

/** A document in PROV-N. https://www.w3.org/TR/prov-n/ */
export function toProvN({ prefixes, elements, relations }: ProvDocument): string {
  return [
    'document',
    ...Object.entries(prefixes).map(([prefix, uri]) => `  prefix ${prefix} <${uri}>`),
    ...elements.map((statement) => `  ${element(statement)}`),
    ...relations.map((statement) => `  ${relation(statement)}`),
    'endDocument',
    '',
  ].join('\n');
}

function element({ element: kind, id, startTime, endTime, attributes }: ElementStatement): string {
  const times = kind === 'activity' ? [startTime ?? '-', endTime ?? '-'] : [];
  return `${kind}(${[name(id), ...times, ...list(attributes)].join(', ')})`;
}

/** Arguments stand by their position: all of them, `-` where one is not known. */
function relation({ relation: kind, arguments: given, attributes }: RelationStatement): string {
  const known = ARGUMENTS[kind].map((argument) => {
    const value = given[argument];
    return value === undefined ? '-' : argument === 'time' ? value : name(value);
  });
  return `${provnName(kind)}(${[...known, ...list(attributes)].join(', ')})`;
}

const list = (attributes: Attributes): string[] =>
  attributes.length === 0
    ? []
    : [`[${attributes.map(([key, value]) => `${key}=${text(value)}`).join(', ')}]`];

function text(value: AttributeValue): string {
  if (isName(value)) return `'${name(value.qname)}'`;
  const { text: said, type } = lexical(value);
  if (type === 'xsd:int') return said;
  return type === undefined ? quoted(said) : `${quoted(said)} %% ${type}`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '"': '\\"',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};
const quoted = (said: string): string => `"${said.replace(/[\\"\n\r\t]/g, (char) => ESCAPES[char] ?? char)}"`;

/** PN_CHARS_ESC: what a local name may hold behind a backslash only. */
const name = (qname: string): string => qname.replace(/[=',();[\]]/g, (char) => `\\${char}`);
