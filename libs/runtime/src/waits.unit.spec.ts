import { describe, expect, it } from '@jest/globals';
import { policyTwin, twinDeny } from '@summit/policy';
import { app, Scene } from './scene.fixture.ts';
import { TENANT, World } from './world.fixture.ts';

const scene = new Scene();
const start = { verb: 'run.start', threadId: 't', workflow: 'work', input: 1 } as const;
const created = (): number => scene.world.events().filter(({ type }) => type === 'RunCreated').length;

describe('a start that is waited for', () => {
  it('is answered once, by the run as it ended', async () => {
    await scene.ready(app(() => Promise.resolve(7)));
    const heard = scene.world.submit(start, { waitMs: 10_000 });
    await scene.world.until(() => heard.length > 0);
    await scene.world.pass(20_000);
    expect(heard).toMatchObject([{ ok: true, value: { status: 'completed', output: 7 } }]);
  });

  it('is answered when the run waits for something', async () => {
    await scene.ready(app((ctx) => ctx.sleep('1h')));
    const answer = await scene.world.answer(start, { waitMs: 10_000 });
    expect(answer).toMatchObject({ ok: true, value: { status: 'waiting', waitingFor: ['timer'] } });
  });

  it('is answered when the time is over, by the run as it is then', async () => {
    await scene.ready(app(() => new Promise(() => undefined)));
    const heard = scene.world.submit(start, { waitMs: 500 });
    await scene.world.pass(400);
    expect(heard).toEqual([]);
    await scene.world.until(() => heard.length > 0);
    expect(heard).toMatchObject([{ ok: true, value: { status: 'running' } }]);
  });

  it('[C1.3] sent again under its id starts nothing, and is answered by the same run', async () => {
    await scene.ready(app(() => Promise.resolve(7)));
    const sent = { commandId: 'once', waitMs: 10_000 };
    const first = await scene.world.answer(start, sent);
    expect(await scene.world.answer(start, sent)).toEqual(first);
    expect(created()).toBe(1);
  });

  it('[I2] is unknown where its leader is lost, and known to the next', async () => {
    const gate = Promise.withResolvers<number>();
    await scene.ready(app(() => gate.promise));
    const sent = { commandId: 'once', waitMs: 60_000 };
    const heard = scene.world.submit(start, sent);
    await scene.world.until(() => created() === 1);
    const old = scene.world.net.leader;
    await scene.world.lead();
    old?.stop('the test');
    await scene.world.pass(100);
    expect(heard).toMatchObject([{ ok: false, error: { code: 'OUTCOME_UNKNOWN' } }]);
    gate.resolve(7);
    expect(await scene.world.answer(start, sent)).toMatchObject({ ok: true, value: { status: 'completed' } });
    expect(created()).toBe(1);
  });

  it('that is refused is answered at once', async () => {
    scene.world = new World({ policy: policyTwin(() => twinDeny('not today')) });
    await scene.ready(app(() => Promise.resolve(7)));
    const heard = scene.world.submit(start, { waitMs: 60_000 });
    await scene.world.pass(1000);
    expect(heard).toMatchObject([{ ok: false }]);
  });

  it('[I2] a question that waits for the journal is unknown where its leader is lost', async () => {
    await scene.ready(app((ctx) => ctx.sleep('1h')));
    const { leader } = scene.world.net;
    scene.world.submit(start);
    await new Promise((resolve) => setImmediate(resolve)); // decided, and not stored yet
    const heard: unknown[] = [];
    leader?.query({ tenant: TENANT, runId: 'run_00_000000000aaaaaaaa' }, (answer) => heard.push(answer));
    expect(heard).toEqual([]);
    leader?.stop('the test');
    await scene.world.pass(100);
    expect(heard).toMatchObject([{ ok: false, error: { code: 'OUTCOME_UNKNOWN' } }]);
  });
});
