import { z } from 'zod';

/** What the pages of the OpenAPI document are made of. */
export interface Operation {
  readonly summary: string;
  readonly responses: Readonly<Record<string, object>>;
  readonly [more: string]: unknown;
}

export const ref = (name: string): { $ref: string } => ({ $ref: `#/components/schemas/${name}` });
export const json = (schema: object): object => ({ content: { 'application/json': { schema } } });
export const inPath = (name: string, description: string): object => ({
  name,
  in: 'path',
  required: true,
  description,
  schema: { type: 'string' },
});
export const idempotencyKey = {
  name: 'Idempotency-Key',
  in: 'header',
  description: 'The same key with the same body is answered once; with another body it is refused (422).',
  schema: { type: 'string', maxLength: 256 },
};
export const problems = {
  default: {
    description: 'RFC 9457, with the members code, next and traceId',
    content: { 'application/problem+json': { schema: ref('Problem') } },
  },
};

/** The published shape of what is read; one source with the bus. */
export function bodyOf(schema: z.ZodType): object {
  const { $schema: _, ...body } = z.toJSONSchema(schema, { io: 'input' });
  return body;
}
