import { describe, expect, it } from '@jest/globals';
import { type WorkflowDefinition } from '@summit/events';
import { type Json } from '@summit/kernel';
import { Schemas } from './schemas.ts';

const mismatch = (input: Json, value: Json): string | undefined =>
  new Schemas().workflowInput(
    { name: 'work', version: '1', input, tools: [] } as unknown as WorkflowDefinition,
    value,
  );

describe('properties chosen by a pattern', () => {
  const chosen = (pattern: string): Json => ({
    type: 'object',
    patternProperties: { [pattern]: { type: 'string' } },
    additionalProperties: false,
  });

  it.each<[string, Json, boolean]>([
    ['one that matches', { xa: 'a' }, true],
    ['one of another type', { xa: 1 }, false],
    ['one that does not match', { ya: 'a' }, false],
  ])('%s', (_, value, taken) => {
    expect(mismatch(chosen('^x'), value) === undefined).toBe(taken);
  });

  it('are left alone where the pattern can not be read', () => {
    expect(mismatch(chosen('^(?=x)'), { xa: 1, ya: 1 })).toBeUndefined();
  });
});

describe('formats', () => {
  it.each(['url', 'uri', 'email', 'hostname', 'regex', 'uri-template'])(
    '%s is answered promptly',
    (format) => {
      expect(() => mismatch({ type: 'string', format }, `http://${':'.repeat(300_000)}`)).not.toThrow();
    },
  );
});
