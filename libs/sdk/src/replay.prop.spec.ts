import { describe, expect, it } from '@jest/globals';
import { type Edit } from '@summit/engine';
import fc from 'fast-check';
import { type Context } from './context.ts';
import { Stage } from './replay.fixture.ts';
import { defineTool } from './tool.ts';
import { defineWorkflow } from './workflow.ts';
import { z } from 'zod';

const work = defineTool({
  name: 'work',
  input: z.string(),
  output: z.string(),
  effect: 'idempotent',
  execute: (name) => name,
});

const gather = ['all', 'race', 'any', 'settled'] as const;
interface Plan {
  readonly rounds: readonly { readonly how: (typeof gather)[number]; readonly width: number }[];
}

/** A workflow of rounds, each of calls side by side; losers go on while the next round runs. */
const busy = defineWorkflow({ name: 'w', version: '1', tools: [work] }, async (ctx, input) => {
  const { rounds } = input as Plan;
  const seen: unknown[] = [];
  for (const [i, { how, width }] of rounds.entries()) {
    const calls = Array.from({ length: width }, (_, n) =>
      ctx.branch(`r${String(i)}-${String(n)}`, async () => {
        const first = await call(ctx, n);
        seen.push([i, n, ctx.now(), ctx.state.get()]);
        return n % 2 === 0 ? first : await ctx.pure('twice', () => `${String(first)}${String(ctx.random())}`);
      }),
    );
    try {
      if (how === 'settled') seen.push((await Promise.allSettled(calls)).map(({ status }) => status));
      else if (how === 'all') seen.push(await ctx.all(calls));
      else seen.push(await (how === 'race' ? ctx.race(calls) : ctx.any(calls)));
    } catch (error) {
      seen.push(error instanceof Error ? error.message : 'odd');
    }
    await ctx.state.patch({ [`r${String(i)}`]: ctx.uuid() });
  }
  return { seen: JSON.stringify(seen), state: ctx.state.get() };
});

function call(ctx: Context, n: number): Promise<unknown> {
  if (n % 3 === 0) return ctx.sleep(n);
  return n % 3 === 1 ? ctx.tool(work, `call ${String(n)}`) : ctx.signal('go', z.unknown());
}

const plans = fc.record({
  rounds: fc.array(fc.record({ how: fc.constantFrom(...gather), width: fc.integer({ min: 1, max: 4 }) }), {
    minLength: 1,
    maxLength: 3,
  }),
});

/**
 * Answers open calls in an order of fast-check's, some of them with failures. Between answers people edit the state;
 * word of an edit may come after that of a later change.
 */
async function live(plan: Plan, order: readonly number[]): Promise<Stage> {
  const stage = await new Stage(busy, [], JSON.parse(JSON.stringify(plan)) as never).still();
  let onTheWay: Edit[] = [];
  for (let i = 0; !stage.end && stage.open().length > 0; i++) {
    const pick = order[i % order.length] ?? 0;
    if (pick % 3 === 1) onTheWay.push(stage.edit([{ op: 'add', path: '/edited', value: i }]));
    answerOne(stage, pick);
    const calm = pick % 2 === 0 || stage.open().length === 0;
    if (calm || onTheWay.length > 2) {
      for (const edit of onTheWay.toReversed()) stage.tell(edit);
      onTheWay = [];
    }
    if (calm) await stage.still(); // else the next answer comes before this one was heard
  }
  return stage.still();
}

function answerOne(stage: Stage, pick: number): void {
  const open = stage.open();
  const key = open[pick % open.length] ?? '';
  const patch = key.startsWith('state')
    ? stage.said.find((item) => item.kind === 'patch' && item.stepKey === key)
    : undefined;
  if (patch?.kind === 'patch') stage.settle(key, { ok: true, output: null }, patch.patch);
  else if (key.includes('work')) stage.outcome(key, `out ${String(pick)}`);
  else if (pick % 5 === 4)
    stage.settle(key, { ok: false, error: { code: 'NO', message: `no ${String(pick)}` } });
  else stage.settle(key, { ok: true, output: pick });
}

describe('replay', () => {
  it('[C1.4] [I6] any live history gives the same end again, and nothing new to say', async () => {
    await fc.assert(
      fc.asyncProperty(plans, fc.array(fc.nat(20), { minLength: 1, maxLength: 12 }), async (plan, order) => {
        const before = await live(plan, order);
        expect(before.end).toMatchObject({ how: 'completed' });
        const again = await new Stage(
          busy,
          before.history,
          JSON.parse(JSON.stringify(plan)) as never,
        ).still();
        expect(again.end).toEqual(before.end);
        expect(again.said).toEqual([]);
      }),
      { numRuns: 200 },
    );
  });

  it('[C1.1] [C1.4] from any prefix of its history a coroutine goes on to what it said before', async () => {
    await fc.assert(
      fc.asyncProperty(
        plans,
        fc.array(fc.nat(20), { minLength: 1, maxLength: 12 }),
        fc.nat(),
        async (plan, order, cut) => {
          const before = await live(plan, order);
          const prefix = before.history.slice(0, cut % (before.history.length + 1));
          const again = await new Stage(busy, prefix, JSON.parse(JSON.stringify(plan)) as never).still();
          expect(again.end?.how).not.toBe('diverged');
          const keys = (items: readonly { stepKey?: string }[]): (string | undefined)[] =>
            items.map(({ stepKey }) => stepKey);
          const proposed = before.history.filter((item) => item.t === 'proposed');
          const repeated = again.history.filter((item) => item.t === 'proposed').slice(0, proposed.length);
          const known = new Set(keys(proposed));
          // what is settled but was not marked as delivered may be delivered earlier now: other calls may follow
          for (const { stepKey, actionHash } of repeated) {
            const was = proposed.find((item) => item.stepKey === stepKey);
            if (was && known.has(stepKey) && !stepKey.startsWith('state'))
              expect(actionHash).toBe(was.actionHash);
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
