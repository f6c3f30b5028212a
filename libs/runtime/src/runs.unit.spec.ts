import { describe, expect, it } from '@jest/globals';
import { policyTwin, twinAllow, twinDeny } from '@summit/policy';
import { type App, defineTool } from '@summit/sdk';
import { z } from 'zod';
import { outsideTools } from './outside.fixture.ts';
import { alive, app, Scene } from './scene.fixture.ts';
import { World } from './world.fixture.ts';

const scene = new Scene();

describe('a run', () => {
  it('[C3.1] that is paused is permitted nothing until it is resumed', async () => {
    const { keyed } = outsideTools(scene.outside, alive());
    await scene.ready(
      app(
        async (ctx) => {
          await ctx.sleep(500);
          return ctx.tool(keyed, { name: 'a', ms: 0 });
        },
        [keyed],
      ),
    );
    const runId = await scene.world.start('work', null);
    await scene.world.answer({ verb: 'run.pause', runId });
    await scene.world.pass(3000);
    expect(scene.world.view(runId)).toMatchObject({ status: 'waiting', waitingFor: ['resume'] });
    expect(scene.outside.counts.size).toBe(0);
    await scene.world.answer({ verb: 'run.resume', runId });
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed' });
  });

  it('takes signals sent before and after they are awaited, each once', async () => {
    await scene.ready(
      app(async (ctx) => {
        await ctx.sleep(500);
        const both = await ctx.all([ctx.signal('go', z.number()), ctx.signal('go', z.number())]);
        return [...both, await ctx.signal('go', z.number())];
      }),
    );
    const runId = await scene.world.start('work', null);
    await scene.world.answer({ verb: 'run.signal', runId, name: 'go', payload: 1 });
    await scene.world.answer({ verb: 'run.signal', runId, name: 'go', payload: 2 });
    await scene.world.pass(1000);
    await scene.world.answer({ verb: 'run.signal', runId, name: 'go', payload: 3 });
    expect(await scene.world.ended(runId)).toMatchObject({ output: [1, 2, 3] });
  });

  it('gives up a signal in time, once, however close the signal comes', async () => {
    await scene.ready(
      app(async (ctx) => {
        try {
          return await ctx.signal('go', z.number(), { timeout: 500 });
        } catch (error) {
          return (error as { code: string }).code;
        }
      }),
    );
    const runId = await scene.world.start('work', null);
    await scene.world.pass(480);
    scene.world.submit({ verb: 'run.signal', runId, name: 'go', payload: 1 });
    const { output } = await scene.world.ended(runId);
    expect([1, 'SIGNAL_TIMEOUT']).toContain(output);
    const settled = scene.types(runId).filter((type) => type === 'StepCompleted' || type === 'StepFailed');
    expect(settled).toHaveLength(1);
  });

  it('tries again with backoff, and says how it failed when the tries are used up', async () => {
    let tries = 0;
    const flaky = defineTool({
      name: 'flaky',
      input: z.null(),
      output: z.number(),
      effect: 'idempotent',
      retry: { maxAttempts: 3, initialMs: 100, factor: 2 },
      execute: () => {
        tries += 1;
        throw new Error('not yet');
      },
    });
    await scene.ready(app((ctx) => ctx.tool(flaky, null), [flaky]));
    const runId = await scene.world.start('work', null);
    expect(await scene.world.ended(runId)).toMatchObject({
      status: 'failed',
      error: { code: 'TOOL_FAILED', message: 'not yet' },
    });
    expect(tries).toBe(3);
    expect(scene.types(runId).filter((type) => type === 'AttemptFailed')).toHaveLength(2);
  });

  it('does not wait for ever for a tool that hangs', async () => {
    const hangs = defineTool({
      name: 'hangs',
      input: z.null(),
      output: z.number(),
      effect: 'idempotent',
      timeout: 300,
      retry: { maxAttempts: 2, initialMs: 10 },
      execute: () => new Promise<number>(() => undefined),
    });
    await scene.ready(app((ctx) => ctx.tool(hangs, null), [hangs]));
    expect(await scene.world.ended(await scene.world.start('work', null))).toMatchObject({
      error: { code: 'ATTEMPT_TIMEOUT' },
    });
  });

  it('fails a step whose tool returns what its schema forbids, without trying again', async () => {
    let tries = 0;
    const wrong = defineTool({
      name: 'wrong',
      input: z.null(),
      output: z.number(),
      effect: 'once',
      execute: () => {
        tries += 1;
        return 'text' as unknown as number;
      },
    });
    await scene.ready(app((ctx) => ctx.tool(wrong, null), [wrong]));
    expect(await scene.world.ended(await scene.world.start('work', null))).toMatchObject({
      error: { code: 'TOOL_OUTPUT_INVALID' },
    });
    expect(tries).toBe(1);
  });

  it('[C1.1] fails with the reason where a frame is over the bound; the partition goes on', async () => {
    await scene.ready(
      app((ctx, large: boolean) => ctx.step('big', () => (large ? 'x'.repeat(5_000_000) : 'small'))),
    );
    const failed = await scene.world.ended(await scene.world.start('work', true));
    expect(failed).toMatchObject({ status: 'failed', error: { code: 'FRAME_TOO_LARGE' } });
    expect(await scene.world.ended(await scene.world.start('work', false))).toMatchObject({
      output: 'small',
    });
  });

  it('says why a patch does not apply, and goes on', async () => {
    await scene.ready(
      app(async (ctx) => {
        try {
          await ctx.state.patch([{ op: 'replace', path: '/not/there', value: 1 }]);
        } catch (error) {
          await ctx.state.patch({ refused: (error as { code: string }).code });
        }
        return ctx.state.get();
      }),
    );
    expect(await scene.world.ended(await scene.world.start('work', null))).toMatchObject({
      output: { refused: 'PATCH_INVALID' },
    });
  });

  it('[C1.4] stops where its code no longer follows its history; both sides are shown, nothing is executed', async () => {
    const { keyed } = outsideTools(scene.outside, alive());
    const life = alive();
    await scene.ready(
      app(
        async (ctx) => {
          await ctx.tool(keyed, { name: 'a', ms: 0 });
          await ctx.sleep('1h');
        },
        [keyed],
      ),
    );
    const runId = await scene.world.start('work', null);
    await scene.world.pass(500);
    life.dead = true;
    scene.world.kill('e1');
    scene.world.executor(
      'e2',
      app(
        async (ctx) => {
          await ctx.tool(keyed, { name: 'changed', ms: 0 });
          await ctx.tool(keyed, { name: 'more', ms: 0 });
        },
        [keyed],
      ),
    );
    expect(await scene.world.ended(runId)).toMatchObject({
      status: 'failed',
      error: { code: 'RUN_DIVERGED' },
    });
    const diverged = scene.world.events(runId).find(({ type }) => type === 'RunDiverged');
    expect(diverged?.data).toMatchObject({ stepKey: 'keyed#0' });
    expect([...scene.outside.counts.keys()]).toEqual([`a ${runId}`]);
  });

  it('[I4] ends with losers under way only when they are; what never began is recorded as such', async () => {
    const { keyed, once } = outsideTools(scene.outside, alive());
    await scene.ready(
      app(
        (ctx) => ctx.race([ctx.tool(keyed, { name: 'slow', ms: 400 }), ctx.pure('quick', () => 'quick')]),
        [keyed],
      ),
    );
    const first = await scene.world.start('work', null);
    expect(await scene.world.ended(first)).toMatchObject({ output: 'quick' });
    expect(scene.outside.counts.size).toBe(0);
    expect(once).toBeDefined();
  });

  it('[C1.1] of a workflow that nobody serves any more waits, and goes on when somebody comes', async () => {
    const served = app(async (ctx) => {
      await ctx.sleep(100);
      return 'done';
    });
    await scene.ready(served);
    const runId = await scene.world.start('work', null);
    scene.world.kill('e1');
    await scene.world.pass(5000);
    expect(scene.world.view(runId)).not.toMatchObject({ status: 'completed' });
    scene.world.executor('e9', served);
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'done' });
  });

  it('that is cancelled stops, also where its workflow catches and asks on', async () => {
    await scene.ready(
      app(async (ctx) => {
        for (;;) {
          try {
            await ctx.sleep('1h');
          } catch {
            // goes on
          }
        }
      }),
    );
    const runId = await scene.world.start('work', null);
    await scene.world.pass(100);
    await scene.world.answer({ verb: 'run.cancel', runId, reason: 'enough' });
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'cancelled' });
  });

  it('whose failed call nobody awaits does not take the executor with it', async () => {
    scene.world = new World({
      policy: policyTwin(({ action }) => (action.kind === 'tool' ? twinDeny('no') : twinAllow)),
    });
    const { keyed } = outsideTools(scene.outside, alive());
    await scene.ready(
      app(
        async (ctx) => {
          void ctx.tool(keyed, { name: 'a', ms: 0 });
          void ctx.branch('b', () => ctx.tool(keyed, { name: 'b', ms: 0 }));
          await ctx.sleep(200);
          return 'here';
        },
        [keyed],
      ),
    );
    expect(await scene.world.ended(await scene.world.start('work', null))).toMatchObject({ output: 'here' });
  });

  it('[C1.3] records what a tool returned, whatever the workflow does to it afterwards', async () => {
    const list = defineTool({
      name: 'list',
      input: z.null(),
      output: z.array(z.number()),
      effect: 'pure',
      execute: () => [1],
    });
    const served = (): App =>
      app(
        async (ctx) => {
          const items = await ctx.tool(list, null);
          items.push(2);
          await ctx.sleep(2500);
          return items;
        },
        [list],
      );
    await scene.ready(served());
    const runId = await scene.world.start('work', null);
    await scene.world.pass(200);
    scene.world.kill('e1');
    scene.world.executor('e2', served());
    expect(await scene.world.ended(runId)).toMatchObject({ output: [1, 2] });
  });
});
