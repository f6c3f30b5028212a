import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { defineTool, defineWorkflow } from '@summit/sdk';
import { z } from 'zod';

/** Of the machine's monotonic clock. */
const clock = defineTool({
  name: 'bench.clock',
  description: 'Tells the time',
  input: z.object({ i: z.number().int() }),
  output: z.object({ ms: z.number() }),
  effect: 'idempotent',
  execute: () => ({ ms: Number(process.hrtime.bigint()) / 1e6 }),
});

const lengths = z.object({ steps: z.number().int(), window: z.number().int() });

/** What a step takes at the run's beginning, from the tenth on, and at its end: medians over a window, milliseconds. */
const flat = defineWorkflow(
  { name: 'bench-flat', version: '1', input: lengths },
  async (ctx, { steps, window }) => {
    const early: number[] = [];
    const late: number[] = [];
    let before = 0;
    for (let i = 0; i < steps; i++) {
      const { ms } = await ctx.tool(clock, { i });
      if (i >= 10 && i < 10 + window) early.push(ms - before);
      if (i >= steps - window) late.push(ms - before);
      before = ms;
    }
    return { early: middle(early), late: middle(late) };
  },
);

const middle = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Of the process that runs the tool, after a full collection. */
const memory = defineTool({
  name: 'bench.memory',
  description: 'Collects garbage and tells what is left',
  input: z.object({}),
  output: z.object({ bytes: z.number() }),
  effect: 'idempotent',
  execute: () => {
    collectGarbage();
    const { heapUsed, external } = process.memoryUsage();
    return { bytes: heapUsed + external };
  },
});

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc()');
}

const nothing = z.object({});

const remembering = defineWorkflow({ name: 'bench-memory', version: '1', input: nothing }, async (ctx) =>
  ctx.tool(memory, {}),
);

const waiting = defineWorkflow({ name: 'bench-wait', version: '1', input: nothing }, async (ctx) =>
  ctx.signal('go', z.boolean()),
);

export const long = { tools: [clock, memory], workflows: [flat, remembering, waiting] };
