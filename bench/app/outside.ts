import { defineTool, defineWorkflow } from '@summit/sdk';
import { z } from 'zod';
import { echo } from './steps.ts';

/** An effect outside of Summit: `url` is the bench's, which sees who calls, and answers when it likes. */
const call = defineTool({
  name: 'bench.call',
  description: 'Calls the bench',
  input: z.object({ url: z.url(), label: z.string(), i: z.number().int() }),
  output: z.object({ i: z.number().int() }),
  effect: 'idempotent',
  execute: async ({ url, label, i }, { signal }) => {
    const body = JSON.stringify({ label, i, pid: process.pid });
    await fetch(url, { method: 'POST', body, signal });
    return { i };
  },
});

const count = z.number().int().nonnegative();
const input = z.object({ url: z.url(), label: z.string(), steps: count, before: count.default(0) });

/** So many calls, after as many plain steps as are wanted before. */
const calls = defineWorkflow(
  { name: 'bench-calls', version: '1', input },
  async (ctx, { steps, before, ...place }) => {
    for (let i = 0; i < before; i++) await ctx.tool(echo, { i });
    for (let i = 0; i < steps; i++) await ctx.tool(call, { ...place, i });
    return steps;
  },
);

export const outside = { tools: [call], workflows: [calls] };
