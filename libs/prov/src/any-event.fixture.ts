import { anyEventSchema, type AnyEvent } from '@summit/events';
import { isObject } from '@summit/kernel';
import fc from 'fast-check';
import { z } from 'zod';

type Schema = Readonly<Record<string, unknown>>;

/** Any event that the catalogue allows, of every type there is or will be: drawn from its own schema. */
export function anyEvent(): fc.Arbitrary<AnyEvent> {
  const root: Schema = z.toJSONSchema(anyEventSchema, { unrepresentable: 'any', io: 'input' });
  const drawn = from(root, root, 0).map((value) => anyEventSchema.safeParse(value).data);
  return drawn.filter((event) => event !== undefined);
}

/** A value of a JSON Schema, as far as the catalogue uses it. */
function from(schema: Schema, root: Schema, depth: number): fc.Arbitrary<unknown> {
  const choices = schema['oneOf'] ?? schema['anyOf'];
  const { $ref: ref, const: only, enum: options } = schema;
  if (typeof ref === 'string')
    return depth > 6 ? fc.constant(null) : from(resolve(ref, root), root, depth + 1);
  if (only !== undefined) return fc.constant(only);
  if (Array.isArray(options)) return fc.constantFrom(...options);
  if (Array.isArray(choices)) {
    return fc.oneof(...choices.filter(isObject).map((choice) => from(choice, root, depth + 1)));
  }
  switch (schema['type']) {
    case 'object':
      return objectOf(schema, root, depth);
    case 'array':
      return fc.array(from(part(schema, 'items'), root, depth + 1), { maxLength: 2 });
    case 'string':
      return stringOf(schema);
    case 'integer':
      return fc.integer({ min: bound(schema, 'minimum', -5), max: bound(schema, 'maximum', 1000) });
    case 'number':
      return fc.integer({ min: bound(schema, 'minimum', 0), max: 10 });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      return fc.constant(undefined); // what JSON Schema can not say: no payload
  }
}

function objectOf(schema: Schema, root: Schema, depth: number): fc.Arbitrary<unknown> {
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  const properties = Object.entries(part(schema, 'properties')).filter(([, value]) => isObject(value));
  const shape = Object.fromEntries(
    properties.map(([name, value]) => {
      const arbitrary = from(isObject(value) ? value : {}, root, depth + 1);
      return [name, required.includes(name) ? arbitrary : fc.option(arbitrary, { nil: undefined })];
    }),
  );
  const known = fc.record(shape);
  const more = schema['additionalProperties'];
  if (!isObject(more) || properties.length > 0) return known;
  return fc.dictionary(fc.string({ maxLength: 4 }), from(more, root, depth + 1), { maxKeys: 2 });
}

function stringOf({ minLength, maxLength, pattern }: Schema): fc.Arbitrary<string> {
  if (typeof pattern === 'string') return fc.stringMatching(new RegExp(pattern));
  const max = typeof maxLength === 'number' ? Math.min(maxLength, 300) : 300;
  return fc.string({
    minLength: typeof minLength === 'number' ? minLength : 0,
    maxLength: max,
    unit: 'grapheme',
  });
}

const bound = (schema: Schema, name: string, otherwise: number): number => {
  const said = schema[name] ?? schema[`exclusive${name.charAt(0).toUpperCase()}${name.slice(1)}`];
  const value = typeof said === 'number' && Math.abs(said) < 2 ** 31 ? said : otherwise;
  return schema[name] === undefined && value === said ? value + 1 : value;
};

function part(schema: Schema, name: string): Schema {
  const value = schema[name];
  return isObject(value) ? value : {};
}

/** `#/$defs/name`. */
const resolve = (ref: string, root: Schema): Schema =>
  ref
    .split('/')
    .slice(1)
    .reduce((schema, name) => part(schema, name), root);
