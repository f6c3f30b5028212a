import { describe, expect, it } from '@jest/globals';
import { type Json } from '@summit/kernel';
import { z } from 'zod';
import { failureOf, toolAction } from './action.ts';
import { defineTool, type ToolContext } from './tool.ts';

const context: ToolContext = {
  idempotencyKey: 'key',
  signal: new AbortController().signal,
  attempt: 1,
  runId: 'run',
  tenant: 'acme',
  heartbeat: () => undefined,
};

describe('the action of a tool', () => {
  it('[C1.3] leaves the permitted arguments as they are, whatever the tool does to its input', async () => {
    const greedy = defineTool({
      name: 'greedy',
      input: z.object({ order: z.record(z.string(), z.unknown()) }),
      output: z.unknown(),
      effect: 'idempotent',
      execute: (input) => {
        const seen = input.order['cents'];
        input.order['cents'] = 0;
        return seen;
      },
    });
    const args: Json = { order: { cents: 500 } };
    const action = toolAction(greedy);
    expect(await action.run(args, context)).toBe(500);
    expect(await action.run(args, context)).toBe(500);
    expect(args).toEqual({ order: { cents: 500 } });
  });

  it('[C1.3] gives a result of its own: what the tool keeps of it and changes later is not recorded', async () => {
    const cache = { stock: [1] };
    const caching = defineTool({
      name: 'caching',
      input: z.unknown(),
      output: z.unknown(),
      effect: 'idempotent',
      execute: () => cache,
    });
    const output = await toolAction(caching).run(null, context);
    cache.stock.push(2);
    expect(output).toEqual({ stock: [1] });
  });

  it('[C1.3] refuses arguments and results that its schemas forbid; neither leaves an effect in doubt', async () => {
    const careful = defineTool({
      name: 'careful',
      input: z.object({ cents: z.number() }),
      output: z.object({ id: z.string() }),
      effect: 'once',
      execute: () => ({ id: 7 }) as never,
    });
    const action = toolAction(careful);
    for (const [args, code] of [
      [{ cents: 'many' }, 'TOOL_INPUT_INVALID'],
      [{ cents: 1 }, 'TOOL_OUTPUT_INVALID'],
    ] as const) {
      const error: unknown = await action.run(args, context).catch((reason: unknown) => reason);
      expect(failureOf(action, error)).toMatchObject({ error: { code }, unknown: false });
    }
  });
});
