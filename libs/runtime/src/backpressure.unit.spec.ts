import { describe, expect, it } from '@jest/globals';
import { type AppendFault } from '@summit/journal';
import { app, Scene } from './scene.fixture.ts';

const scene = new Scene();
/** Below the bound of a payload that stands in its commit. */
const text = 'x'.repeat(50_000);

describe('while the journal is away', () => {
  it('[C1.1] commands above the bound are refused, none that was taken is lost, and then all is as before', async () => {
    let fault: AppendFault = 'none';
    await scene.ready(
      app((_ctx, input) => Promise.resolve(input)),
      {
        faults: { append: () => fault, headLost: () => fault !== 'none' },
        maxBacklogBytes: 1024 * 1024,
      },
    );
    fault = 'full';
    const start = (threadId: string) =>
      scene.world.submit({ verb: 'run.start', threadId, workflow: 'work', input: text });
    const heard = Array.from({ length: 30 }, (_, i) => start(`t${String(i)}`));
    await scene.world.settle(40);
    expect(heard.filter((answers) => answers.length > 0)).toEqual([]);
    expect(start('one too many')).toMatchObject([
      { ok: false, error: { code: 'BACKPRESSURE', kind: 'unavailable' } },
    ]);
    fault = 'none';
    await scene.world.until(() => heard.every((answers) => answers.length > 0));
    expect(heard.filter(([answer]) => !answer?.ok)).toEqual([]);
    await scene.world.until(() => scene.world.net.leader?.figures.pending === 0);
    const runId = await scene.world.start('work', 'small');
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'small' });
  });
});
