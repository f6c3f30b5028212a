import { describe, expect, it } from '@jest/globals';
import { type App, defineApp, defineWorkflow } from '@summit/sdk';
import { z } from 'zod';
import { Scene } from './scene.fixture.ts';

const scene = new Scene();

const takes = (input: z.ZodType): App =>
  defineApp({
    name: 'test',
    workflows: [
      defineWorkflow({ name: 'work', version: '1', tools: [], input }, () => Promise.resolve('well')),
    ],
  });

/** What the leader says at once: undefined where it takes the input. */
async function refusal(schema: z.ZodType, input: string | Record<string, string>): Promise<unknown> {
  await scene.ready(takes(schema));
  const answer = await scene.world.answer({ verb: 'run.start', threadId: 't', workflow: 'work', input });
  return answer.ok ? undefined : answer.error.code;
}

describe('a pattern in the schema of an input', () => {
  it('[C1.1] is answered promptly, however often it could be tried', async () => {
    expect(await refusal(z.string().regex(/^(a+)+$/), `${'a'.repeat(100_000)}!`)).toBe('INPUT_INVALID');
  });

  it.each<[string, z.ZodType, string | Record<string, string>]>([
    ['a plain one', z.string().regex(/^[a-z]{3}$/), 'abcd'],
    [
      'a second one',
      z.object({ a: z.string().regex(/^a$/), b: z.string().regex(/^b$/) }),
      { a: 'a', b: 'a' },
    ],
    ['an address', z.email(), 'nobody'],
    ['an id', z.uuid(), '123e4567-e89b-42d3-a456-42661417400'],
    ['a choice', z.enum(['a', 'b']), 'c'],
    ['no space', z.string().regex(/^\S$/), '\u00a0'],
    ['names', z.record(z.string().regex(/^x/), z.string()), { y: '' }],
  ])('still refuses %s', async (_, schema, input) => {
    expect(await refusal(schema, input)).toBe('INPUT_INVALID');
  });

  it.each<[string, z.ZodType, string | Record<string, string>]>([
    ['a plain one', z.string().regex(/^[a-z]{3}$/), 'abc'],
    ['an address', z.email(), 'somebody@example.org'],
    ['an id', z.uuid(), '123e4567-e89b-42d3-a456-426614174000'],
    ['any space', z.string().regex(/^\s[\s][^\S][\s\S]$/), '\u00a0\ufeff\u2003\u2028'],
    ['letters', z.string().regex(/^\p{L}+\u{1F600}$/u), 'äß\u{1F600}'],
    ['what is no unicode expression', z.string().regex(new RegExp(String.raw`^a\-b$`)), 'a-b'],
    ['a date', z.iso.datetime(), '2026-01-01T00:00:00Z'],
    ['an address of a page', z.url(), 'https://example.org/a?b#c'],
  ])('takes %s', async (_, schema, input) => {
    expect(await refusal(schema, input)).toBeUndefined();
  });

  it('is left to the executor where only going back over the text could tell', async () => {
    await scene.ready(takes(z.string().regex(/^(?=ab)a/)));
    const runId = await scene.world.start('work', 'ac');
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'failed' });
  });
});
