import { defineTool, defineWorkflow } from '@summit/sdk';
import { z } from 'zod';

/** The smallest governed step: a registered tool that gives back its argument. */
export const echo = defineTool({
  name: 'bench.echo',
  description: 'Gives back the number that it is given',
  input: z.object({ i: z.number().int() }),
  output: z.object({ i: z.number().int() }),
  effect: 'idempotent',
  execute: ({ i }) => ({ i }),
});

const input = z.object({ steps: z.number().int().positive() });

const sequence = defineWorkflow({ name: 'bench-seq', version: '1', input }, async (ctx, { steps }) => {
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += (await ctx.tool(echo, { i })).i;
  return sum;
});

const pure = defineWorkflow({ name: 'bench-pure', version: '1', input }, async (ctx, { steps }) => {
  let sum = 0;
  for (let i = 0; i < steps; i++) sum += await ctx.pure(`step${i}`, () => i);
  return sum;
});

export const steps = { tools: [echo], workflows: [sequence, pure] };
