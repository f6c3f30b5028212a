import { describe, expect, it } from '@jest/globals';
import { type Json } from '@summit/kernel';
import { z } from 'zod';
import { type Context } from './context.ts';
import { StepError } from './errors.ts';
import { Stage } from './replay.fixture.ts';
import { defineTool } from './tool.ts';
import { defineWorkflow, type Workflow } from './workflow.ts';

const echo = defineTool({
  name: 'echo',
  input: z.unknown(),
  output: z.unknown(),
  effect: 'idempotent',
  execute: (value) => value,
});
const workflow = (body: (ctx: Context, input: unknown) => Promise<unknown>): Workflow =>
  defineWorkflow({ name: 'w', version: '1', tools: [echo] }, body);
const keysOf = (stage: Stage): string[] =>
  stage.said.flatMap((item) => ('stepKey' in item && item.kind !== 'delivered' ? [item.stepKey] : []));

describe('step keys', () => {
  it('[C1.3] are the name and a counter; an explicit key tells calls apart whatever their order', async () => {
    const stage = new Stage(
      workflow((ctx) =>
        ctx.all([ctx.tool(echo, 1), ctx.tool(echo, 2), ctx.tool(echo, 3, { key: 'x' }), ctx.sleep(1)]),
      ),
    );
    await stage.still();
    expect(keysOf(stage)).toEqual(['echo#0', 'echo#1', 'echo[x]#0', 'sleep#0']);
  });

  it('[C1.3] do not move when branches finish in another order', async () => {
    const body = workflow((ctx) =>
      ctx.all(
        ['a', 'b'].map((name) =>
          ctx.branch(name, async () => {
            await ctx.tool(echo, name);
            await ctx.tool(echo, `${name} again`);
          }),
        ),
      ),
    );
    const forth = await new Stage(body).still();
    forth.outcome('a/echo#0', 1);
    forth.outcome('b/echo#0', 1);
    const back = await new Stage(body).still();
    back.outcome('b/echo#0', 1);
    back.outcome('a/echo#0', 1);
    await forth.still();
    await back.still();
    expect(new Set(keysOf(forth))).toEqual(new Set(['a/echo#0', 'b/echo#0', 'a/echo#1', 'b/echo#1']));
    expect(new Set(keysOf(back))).toEqual(new Set(keysOf(forth)));
  });

  it('[C1.3] are never shared, however branches and calls are named', async () => {
    const stage = new Stage(
      workflow((ctx) =>
        ctx.all([
          ctx.branch('a/b', () => ctx.tool(echo, 1)),
          ctx.branch('a', () => ctx.branch('b', () => ctx.tool(echo, 2))),
          ctx.branch('a', () => ctx.tool(echo, 3)),
          ctx.branch('a/#1', () => ctx.tool(echo, 4)),
          ctx.step('echo[x]', () => 1),
          ctx.tool(echo, 5, { key: 'x' }),
        ]),
      ),
    );
    const keys = keysOf(await stage.still());
    expect(keys).toHaveLength(6);
    expect(new Set(keys).size).toBe(6);
  });
});

describe('a coroutine', () => {
  it('[C1.4] has the same time, numbers and ids again in replay', async () => {
    const body = workflow(async (ctx) => {
      const before = [ctx.now(), ctx.random(), ctx.uuid(), ctx.random()];
      await ctx.tool(echo, 1);
      return [...before, ctx.now(), ctx.random(), ctx.uuid()];
    });
    const stage = await new Stage(body).still();
    stage.outcome('echo#0', 1);
    await stage.still();
    const again = await new Stage(body, stage.history).still();
    expect(again.end).toEqual(stage.end);
    const output = stage.end?.how === 'completed' ? (stage.end.output as Json[]) : [];
    expect(new Set(output).size).toBe(output.length);
    expect(output[2]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('[C1.4] diverges where it asks for something else under a recorded key', async () => {
    const first = await new Stage(workflow((ctx) => ctx.tool(echo, 1))).still();
    const changed = await new Stage(
      workflow((ctx) => ctx.tool(echo, 2)),
      first.history,
    ).still();
    expect(changed.end).toMatchObject({ how: 'diverged', stepKey: 'echo#0' });
    expect(changed.said).toEqual([]);
  });

  it('[C1.4] diverges where it no longer asks for what is recorded, or ends early', async () => {
    const body = workflow(async (ctx) => {
      await ctx.tool(echo, 1);
      await ctx.sleep(5);
    });
    const first = await new Stage(body).still();
    first.outcome('echo#0', 1);
    await first.still();
    const shorter = await new Stage(
      workflow((ctx) => ctx.tool(echo, 1)),
      first.history,
    ).still();
    expect(shorter.end).toMatchObject({ how: 'diverged', stepKey: 'sleep#0' });
    const other = await new Stage(
      workflow((ctx) => ctx.sleep(5)),
      first.history,
    ).still();
    expect(other.end).toMatchObject({ how: 'diverged', stepKey: 'echo#0' });
  });

  it('[C1.3] computes a pure step once, and takes it from the history afterwards', async () => {
    let computed = 0;
    const body = workflow((ctx) => ctx.pure('count', () => ++computed));
    const stage = await new Stage(body).still();
    const again = await new Stage(body, stage.history).still();
    expect(computed).toBe(1);
    expect(again.end).toEqual({ how: 'completed', output: 1 });
  });

  it('[C3.3] holds the state as delivered; what it gets is its own copy', async () => {
    const body = workflow(async (ctx) => {
      const mine = ctx.state.get() as Record<string, Json>;
      mine['cheat'] = true;
      await ctx.state.patch({ 'a/b': 1 });
      return ctx.state.get();
    });
    const stage = await new Stage(body).still();
    expect(stage.said).toMatchObject([{ kind: 'patch', patch: [{ op: 'add', path: '/a~1b', value: 1 }] }]);
    stage.settle('state#0', { ok: true, output: 1 }, [{ op: 'add', path: '/a~1b', value: 1 }]);
    await stage.still();
    expect(stage.end).toEqual({ how: 'completed', output: { 'a/b': 1 } });
  });

  it('[C3.3] sees an edit by a person from where it was received on, in replay too', async () => {
    const body = workflow(async (ctx) => {
      const before = ctx.state.get();
      await ctx.tool(echo, 'x');
      return [before, ctx.state.get()];
    });
    const stage = await new Stage(body).still();
    const edit = stage.edit([{ op: 'add', path: '/amount', value: 40 }]);
    stage.tell(edit);
    stage.tell(edit); // said again after a reconnect
    stage.outcome('echo#0', 'done');
    await stage.still();
    expect(stage.said.map(({ kind }) => kind)).toEqual(['propose', 'edited', 'outcome']);
    expect(stage.end).toEqual({ how: 'completed', output: [{}, { amount: 40 }] });
    const again = await new Stage(body, stage.history).still();
    expect(again.end).toEqual(stage.end);
  });

  it('[C3.3] receives changes of the state in the order of their versions', async () => {
    const body = workflow(async (ctx) => {
      await ctx.state.patch({ who: 'run' });
      return ctx.state.get();
    });
    const stage = await new Stage(body).still();
    const edit = stage.edit([{ op: 'add', path: '/who', value: 'person' }]);
    stage.settle('state#0', { ok: true, output: null }, [{ op: 'add', path: '/who', value: 'run' }]);
    await stage.still();
    expect(stage.end).toBeUndefined();
    stage.tell(edit);
    await stage.still();
    expect(stage.end).toEqual({ how: 'completed', output: { who: 'run' } });
  });

  it('[C1.3] what is proposed is what was passed, whatever becomes of it afterwards', async () => {
    const stage = new Stage(
      workflow(async (ctx) => {
        const args = { amount: 1 };
        const call = ctx.tool(echo, args);
        args.amount = 1000;
        await call;
      }),
    );
    await stage.still();
    expect(stage.said).toMatchObject([{ kind: 'propose', args: { amount: 1 } }]);
    expect(stage.coroutine.action('echo#0')?.args).toEqual({ amount: 1 });
  });

  it('[C3.2] [C1.4] is told which arguments were executed where they are other ones, again in replay', async () => {
    const body = workflow(async (ctx) => {
      const heard: unknown[] = [];
      const tried = async (key: string): Promise<unknown> => {
        const executed = (args: Json): void => void heard.push([key, args]);
        const result = await ctx.tool(echo, { n: 1, m: 2 }, { key, executed }).catch(() => 'failed');
        return heard.push([key, result]);
      };
      await ctx.all(['plain', 'edited', 'same', 'failed'].map(tried));
      return heard;
    });
    const stage = await new Stage(body).still();
    stage.outcome('echo[plain]#0', 1);
    stage.outcome('echo[edited]#0', 2, { n: 7 });
    stage.outcome('echo[same]#0', 3, { m: 2, n: 1 });
    const error = { code: 'NO', message: 'no' };
    stage.settle('echo[failed]#0', { ok: false, error }, undefined, { n: 8 });
    await stage.still();
    const output = [
      ['plain', 1],
      ['edited', { n: 7 }],
      ['edited', 2],
      ['same', 3],
      ['failed', { n: 8 }],
      ['failed', 'failed'],
    ];
    expect(stage.end).toEqual({ how: 'completed', output });
    expect((await new Stage(body, stage.history).still()).end).toEqual(stage.end);
  });

  it('fails with what it can not record, and does not end the process', async () => {
    const output = await new Stage(workflow(() => Promise.resolve({ big: 1n }))).still();
    expect(output.end).toMatchObject({ how: 'failed', error: { code: 'NOT_JSON' } });
    const args = await new Stage(workflow((ctx) => ctx.tool(echo, () => 1))).still();
    expect(args.end).toMatchObject({ how: 'failed', error: { code: 'NOT_JSON' } });
  });

  it('ends every open call when it is cancelled, and is not held by one that asks on', async () => {
    let refusals = 0;
    const stage = await new Stage(
      workflow(async (ctx) => {
        for (;;) {
          try {
            await ctx.sleep('1h');
          } catch {
            refusals += 1;
          }
        }
      }),
    ).still();
    stage.coroutine.cancel();
    await stage.still();
    expect(stage.end).toMatchObject({ how: 'failed', error: { code: 'RUN_CANCELLED' } });
    expect(refusals).toBeGreaterThan(1);
  });

  it('says nothing after it was dropped, whatever its function still does', async () => {
    const stage = await new Stage(
      workflow(async (ctx) => {
        await ctx.tool(echo, 1);
        await ctx.tool(echo, 2);
      }),
    ).still();
    stage.coroutine.drop();
    stage.outcome('echo#0', 1);
    await stage.still();
    expect(stage.said.map(({ kind }) => kind)).toEqual(['propose']);
    expect(stage.end).toBeUndefined();
  });

  it('does not take a call twice: a settlement after an outcome changes nothing', async () => {
    const stage = await new Stage(workflow((ctx) => ctx.tool(echo, 1))).still();
    stage.outcome('echo#0', 'first');
    stage.settle('echo#0', { ok: true, output: 'second' });
    await stage.still();
    expect(stage.end).toEqual({ how: 'completed', output: 'first' });
    expect(stage.said.map(({ kind }) => kind)).toEqual(['propose', 'outcome']);
  });

  it('a failed step is an error with its code, that ordinary code catches', async () => {
    const stage = await new Stage(
      workflow(async (ctx) => {
        try {
          return await ctx.tool(echo, 1);
        } catch (error) {
          return error instanceof StepError ? [error.code, error.stepKey] : 'odd';
        }
      }),
    ).still();
    stage.settle('echo#0', { ok: false, error: { code: 'POLICY_DENIED', message: 'no' } });
    await stage.still();
    expect(stage.end).toEqual({ how: 'completed', output: ['POLICY_DENIED', 'echo#0'] });
  });
});
