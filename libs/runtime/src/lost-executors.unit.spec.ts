import { describe, expect, it } from '@jest/globals';
import { type App, defineTool, type Reconciled } from '@summit/sdk';
import { z } from 'zod';
import { type Life, outsideTools } from './outside.fixture.ts';
import { alive, app, Scene } from './scene.fixture.ts';

const scene = new Scene();

describe('an executor that is lost', () => {
  it('[C1.1] leaves its runs to another', async () => {
    const [one, two] = [alive(), alive()];
    const served = (life: Life): App => {
      const { keyed } = outsideTools(scene.outside, life);
      return app(
        async (ctx) => [
          await ctx.tool(keyed, { name: 'a', ms: 500 }),
          await ctx.tool(keyed, { name: 'b', ms: 500 }),
        ],
        [keyed],
      );
    };
    await scene.ready(served(one));
    const runId = await scene.world.start('work', null);
    await scene.world.pass(700);
    one.dead = true;
    scene.world.kill('e1');
    scene.world.executor('e2', served(two));
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: ['a', 'b'] });
    expect([...scene.outside.counts.values()]).toEqual([1, 1]);
  });

  it.each([
    ['before the effect', 200, 1],
    ['after the effect', 800, 1],
  ])('[C1.3] [I4] a once attempt in doubt, lost %s, is reconciled', async (_when, lostAfter, effects) => {
    const [one, two] = [alive(), alive()];
    const served = (life: Life): App => {
      const { once } = outsideTools(scene.outside, life);
      return app((ctx) => ctx.tool(once, { name: 'a', ms: 500 }), [once]);
    };
    await scene.ready(served(one));
    const runId = await scene.world.start('work', null);
    await scene.world.pass(lostAfter);
    one.dead = true;
    scene.world.kill('e1');
    scene.world.executor('e2', served(two));
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'a' });
    expect([...scene.outside.counts.values()]).toEqual([effects]);
  });

  it.each<[string, unknown]>([
    ['is none', 'done'],
    ['is another word', { verdict: 'perhaps' }],
    ['has an error as its reason', { verdict: 'unknown', reason: new Error('who knows') }],
    ['has a bigint as its reason', { verdict: 'unknown', reason: 10n }],
    ['is nothing at all', undefined],
  ])('[C1.3] a once attempt whose verdict %s is unknown: people are asked', async (_what, verdict) => {
    const once = defineTool({
      name: 'once',
      input: z.null(),
      output: z.null(),
      effect: 'once',
      execute: () => Promise.reject(new Error('lost')),
      reconcile: () => verdict as Reconciled<null>,
    });
    await scene.ready(app((ctx) => ctx.tool(once, null), [once]));
    const runId = await scene.world.start('work', null);
    const { status, waitingFor } = await scene.world.endedOrUnknown(runId);
    expect(status).toBe('waiting');
    expect(String(waitingFor)).toContain('unknown');
  });

  it('[C1.3] a once attempt that nobody can reconcile is unknown, and is not repeated', async () => {
    const [one, two] = [alive(), alive()];
    const served = (life: Life): App => {
      const { blind } = outsideTools(scene.outside, life);
      return app((ctx) => ctx.tool(blind, { name: 'a', ms: 500 }), [blind]);
    };
    await scene.ready(served(one));
    const runId = await scene.world.start('work', null);
    await scene.world.pass(200);
    one.dead = true;
    scene.world.kill('e1');
    scene.world.executor('e2', served(two));
    expect(await scene.world.endedOrUnknown(runId)).toMatchObject({
      status: 'waiting',
      waitingFor: ['unknown:blind', expect.stringMatching(/^approval:apr_00_/)],
    });
    await scene.world.pass(20_000);
    expect(scene.outside.counts.size).toBe(0);
    await scene.world.answer({ verb: 'run.cancel', runId, reason: 'enough' });
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'cancelled' });
  });

  it('[C1.3] its late outcome still counts, and reaches the coroutine that has the run now', async () => {
    const served = (): App => {
      const { blind } = outsideTools(scene.outside, alive());
      return app((ctx) => ctx.tool(blind, { name: 'a', ms: 1800 }), [blind]);
    };
    await scene.ready(served());
    const runId = await scene.world.start('work', null);
    await scene.world.pass(500);
    scene.world.net.cut.add('e1');
    scene.world.executor('e2', served());
    await scene.world.pass(2500);
    expect(scene.types(runId).filter((type) => type === 'RunAssigned')).toHaveLength(2);
    scene.world.net.cut.delete('e1');
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'a' });
    expect([...scene.outside.counts.values()]).toEqual([1]);
  });

  it('[C1.1] a run whose cancel nobody can carry out ends all the same, and its attempt is listed as unknown', async () => {
    const life = alive();
    const { once } = outsideTools(scene.outside, life);
    await scene.ready(app((ctx) => ctx.tool(once, { name: 'a', ms: 500 }), [once]));
    const runId = await scene.world.start('work', null);
    await scene.world.pass(100);
    life.dead = true;
    scene.world.kill('e1');
    await scene.world.answer({ verb: 'run.cancel', runId, reason: 'gone' });
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'cancelled' });
    expect(scene.types(runId)).toContain('EffectUnknown');
    const other = await scene.world.start('work', null);
    expect(scene.world.view(other)).toMatchObject({ status: 'pending' });
    await scene.world.answer({ verb: 'run.cancel', runId: other, reason: 'never began' });
    expect(scene.world.view(other)).toMatchObject({ status: 'cancelled' });
  });

  it('[I4] one that comes back starts nothing of what was given away', async () => {
    const life = alive();
    const served = (): App => {
      const { once } = outsideTools(scene.outside, life);
      return app((ctx) => ctx.tool(once, { name: 'a', ms: 100 }), [once]);
    };
    await scene.ready(served());
    await scene.world.pass(300);
    const executor = scene.world.net.inboxes.get('e1');
    // its lease runs out before the permit reaches it
    const runId = await scene.world.start('work', null);
    expect(executor).toBeDefined();
    scene.world.net.cut.add('e1');
    scene.world.executor('e2', served());
    await scene.world.pass(3000);
    scene.world.net.cut.delete('e1');
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed' });
    expect([...scene.outside.counts.values()]).toEqual([1]);
  });
});

describe('a thread', () => {
  it('[C4.1] runs one run at a time, in order, and keeps its state across them', async () => {
    const served = app(async (ctx) => {
      const seen = ctx.state.get();
      await ctx.sleep(1000);
      await ctx.state.patch({ [ctx.runId]: true });
      return Object.keys(seen).length;
    });
    await scene.ready(served);
    const runs = [
      await scene.world.start('work', 1, 't'),
      await scene.world.start('work', 2, 't'),
      await scene.world.start('work', 3, 't'),
    ];
    expect(scene.world.view(runs[1] ?? '')).toMatchObject({ status: 'pending' });
    for (const [i, runId] of runs.entries())
      expect(await scene.world.ended(runId)).toMatchObject({ output: i });
  });

  it('cancelling a run that waits for its turn leaves the one that runs alone', async () => {
    const { blind } = outsideTools(scene.outside, alive());
    await scene.ready(app((ctx) => ctx.tool(blind, { name: 'a', ms: 500 }), [blind]));
    const first = await scene.world.start('work', 1, 't');
    const second = await scene.world.start('work', 2, 't');
    await scene.world.pass(100);
    await scene.world.answer({ verb: 'run.cancel', runId: second, reason: '' });
    expect(await scene.world.ended(first)).toMatchObject({ status: 'completed' });
    expect(scene.types(first).filter((type) => type === 'RunAssigned')).toHaveLength(1);
  });
});
