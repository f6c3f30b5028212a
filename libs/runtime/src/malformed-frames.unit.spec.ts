import { describe, expect, it, jest } from '@jest/globals';
import { type ExecutorMessage, type FrameItem } from '@summit/engine';
import { outsideTools } from './outside.fixture.ts';
import { alive, app, Scene } from './scene.fixture.ts';

const scene = new Scene();

/** Every outcome of one run is told with a time that is none; the leader of the bus would take it from any executor. */
function garble(runId: string): void {
  const { toLeaders } = scene.world.net;
  const send = toLeaders.send.bind(toLeaders);
  const spoilt = (item: FrameItem): FrameItem =>
    item.kind === 'outcome' ? { ...item, at: 'soon' as unknown as number } : item;
  jest.spyOn(toLeaders, 'send').mockImplementation((partition, message: ExecutorMessage) => {
    const frames = message.frames.map((frame) =>
      frame.runId === runId ? { ...frame, items: frame.items.map(spoilt) } : frame,
    );
    send(partition, { ...message, frames });
  });
}

describe('a frame that can not be read', () => {
  it('[C1.1] ends its run, which says why; other runs go on, and the journal stays readable', async () => {
    const { keyed } = outsideTools(scene.outside, alive());
    await scene.ready(
      app(
        async (ctx, name) => [
          await ctx.tool(keyed, { name: `${String(name)}1`, ms: 100 }),
          await ctx.tool(keyed, { name: `${String(name)}2`, ms: 100 }),
        ],
        [keyed],
      ),
    );
    const spoilt = await scene.world.start('work', 'a');
    const whole = await scene.world.start('work', 'b');
    garble(spoilt);
    expect(await scene.world.ended(whole)).toMatchObject({ status: 'completed', output: ['b1', 'b2'] });
    const { status, error } = await scene.world.ended(spoilt);
    expect(status).toBe('failed');
    expect(error).toMatchObject({ code: 'FRAME_REFUSED' });
    expect(JSON.stringify(error)).toContain('0.at');
    expect(scene.world.events(spoilt).map(({ type }) => type)).toContain('RunFailed');
    await scene.world.lead();
    expect(scene.world.view(whole)).toMatchObject({ status: 'completed' });
  });

  it('[C1.1] ends its run also where nobody read it before it was to be recorded', async () => {
    await scene.ready(
      app((_ctx, name) => (name === 'a' ? Promise.reject(new Error('no')) : Promise.resolve('well'))),
    );
    const { net } = scene.world;
    const spoilt = (item: FrameItem): FrameItem =>
      item.kind === 'fail' ? { ...item, error: { code: 'X', message: 5 as unknown as string } } : item;
    jest.spyOn(net.toLeaders, 'send').mockImplementation((_partition, message: ExecutorMessage) => {
      const frames = message.frames.map((frame) => ({ ...frame, items: frame.items.map(spoilt) }));
      queueMicrotask(() => net.leader?.receive({ ...message, frames }));
    });
    const bad = await scene.world.start('work', 'a');
    expect(await scene.world.ended(bad)).toMatchObject({
      status: 'failed',
      error: { code: 'COMMIT_INVALID' },
    });
    const good = await scene.world.start('work', 'b');
    expect(await scene.world.ended(good)).toMatchObject({ status: 'completed', output: 'well' });
    await scene.world.lead();
    expect(scene.world.view(good)).toMatchObject({ status: 'completed' });
  });
});
