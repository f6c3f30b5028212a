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
});
