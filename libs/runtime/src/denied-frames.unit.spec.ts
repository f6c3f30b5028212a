import { expect, it } from '@jest/globals';
import { policyTwin, twinAllow, twinDeny } from '@summit/policy';
import { defineTool } from '@summit/sdk';
import { z } from 'zod';
import { app, Scene } from './scene.fixture.ts';

const scene = new Scene();

const done = defineTool({
  name: 'done',
  input: z.any(),
  output: z.any(),
  effect: 'once',
  execute: () => 1,
});
const hangs = defineTool({
  name: 'hangs',
  input: z.any(),
  output: z.any(),
  effect: 'once',
  execute: () => new Promise(() => undefined),
});

it.each(['message', 'pure'])(
  'a denied %s ends its run; what the same frame reports on is known, what is under way is not',
  async (kind) => {
    const policy = policyTwin(({ action }) => (action.kind === kind ? twinDeny('no') : twinAllow));
    const served = app(
      async (ctx, more: boolean) => {
        if (more) void ctx.tool(hangs, 1).catch(() => undefined);
        await ctx.tool(done, 1);
        if (kind === 'pure') await ctx.pure('p', () => 1);
        else ctx.messages.append({ role: 'user', content: 'x' });
      },
      [done, hangs],
    );
    await scene.ready(served, { policy });
    const plain = await scene.world.start('work', false);
    expect(await scene.world.ended(plain)).toMatchObject({ error: { code: 'POLICY_DENIED' } });
    expect(scene.types(plain).slice(-2)).toEqual(['StepCompleted', 'RunFailed']);
    const other = await scene.world.start('work', true);
    await scene.world.ended(other);
    expect(scene.types(other).slice(-3)).toEqual(['StepCompleted', 'EffectUnknown', 'RunFailed']);
    const unknown = scene.world.events(other).filter(({ type }) => type === 'EffectUnknown');
    expect(unknown).toMatchObject([{ step: 0 }]);
  },
);
