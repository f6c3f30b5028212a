import { describe, expect, it } from '@jest/globals';
import { policyTwin, twinAllow, twinDeny } from '@summit/policy';
import { outsideTools } from './outside.fixture.ts';
import { alive, app, Scene } from './scene.fixture.ts';
import { World } from './world.fixture.ts';

const scene = new Scene();

describe('commands', () => {
  it('[C1.3] the same command id gets the same answer, once; with another body it is refused', async () => {
    await scene.ready(app(() => Promise.resolve(1)));
    const start = { verb: 'run.start', threadId: 't', workflow: 'work', input: 1 } as const;
    const first = await scene.world.answer(start, { commandId: 'once' });
    const again = await scene.world.answer(start, { commandId: 'once' });
    expect(again).toEqual({ ...first, repeated: true });
    const other = await scene.world.answer({ ...start, input: 2 }, { commandId: 'once' });
    expect(other).toMatchObject({ ok: false, error: { code: 'IDEMPOTENCY_KEY_REUSED' } });
    expect(scene.world.events().filter(({ type }) => type === 'RunCreated')).toHaveLength(1);
  });

  it('[C1.3] a command id is used once, even where both commands come in one turn and on two runs', async () => {
    await scene.ready(app((ctx) => ctx.sleep('1h')));
    const [a, b] = [await scene.world.start('work', null), await scene.world.start('work', null)];
    const heard = [a, b].map((runId) =>
      scene.world.submit({ verb: 'run.pause', runId }, { commandId: 'same' }),
    );
    await scene.world.pass(60);
    expect(heard.flat().map(({ ok }) => ok)).toEqual([true, false]);
  });

  it('[C1.1] an answer outlives its leader', async () => {
    await scene.ready(app(() => Promise.resolve(1)));
    const start = { verb: 'run.start', threadId: 't', workflow: 'work', input: 1 } as const;
    const first = await scene.world.answer(start, { commandId: 'once' });
    await scene.world.lead();
    expect(await scene.world.answer(start, { commandId: 'once' })).toEqual({ ...first, repeated: true });
  });

  it('[I8] a run of another tenant is not there', async () => {
    await scene.ready(app((ctx) => ctx.sleep('1h')));
    const runId = await scene.world.start('work', null);
    const answer = await scene.world.answer({ verb: 'run.cancel', runId, reason: '' }, { tenant: 'other' });
    expect(answer).toMatchObject({ ok: false, error: { code: 'RUN_NOT_FOUND' } });
  });

  it('[C5.1] what policy denies does not happen, and is on record', async () => {
    scene.world = new World({
      policy: policyTwin(({ action }) => (action.kind === 'run.start' ? twinDeny('not today') : twinAllow)),
    });
    await scene.ready(app(() => Promise.resolve(1)));
    const answer = await scene.world.answer({ verb: 'run.start', threadId: 't', workflow: 'work', input: 1 });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'refused' } });
    expect(scene.world.events().map(({ type }) => type)).toContain('CommandDenied');
    expect(scene.world.events().map(({ type }) => type)).not.toContain('RunCreated');
  });

  it('refuses an unknown workflow and version with what is registered', async () => {
    await scene.ready(app(() => Promise.resolve(1)));
    const start = { verb: 'run.start', threadId: 't', input: 1 } as const;
    expect(await scene.world.answer({ ...start, workflow: 'none' })).toMatchObject({
      error: { code: 'WORKFLOW_UNKNOWN' },
    });
    expect(await scene.world.answer({ ...start, workflow: 'work', version: '9' })).toMatchObject({
      error: { code: 'WORKFLOW_VERSION_UNKNOWN' },
    });
  });
});

describe('what leaves a leader', () => {
  it('[I1] nothing is answered, dispatched or permitted before its group is acknowledged', async () => {
    let hold: Promise<void> | undefined;
    scene.world = new World({
      faults: { travel: (label) => (label === 'appended' ? (hold ?? Promise.resolve()) : Promise.resolve()) },
    });
    const tools = outsideTools(scene.outside, alive());
    await scene.ready(app((ctx) => ctx.tool(tools.keyed, { name: 'x', ms: 0 }), [tools.keyed]));
    let release = (): void => undefined;
    hold = new Promise((resolve) => (release = resolve));
    const heard = scene.world.submit({ verb: 'run.start', threadId: 't', workflow: 'work', input: null });
    await scene.world.pass(1000);
    expect(heard).toEqual([]);
    expect(scene.outside.counts.size).toBe(0);
    hold = undefined;
    release();
    await scene.world.until(() => heard.length === 1 && scene.outside.counts.size === 1);
  });

  it('[I2] a fenced leader changes nothing and says nothing but that it does not know', async () => {
    await scene.ready(app((ctx) => ctx.sleep('1h')));
    const runId = await scene.world.start('work', null);
    const old = scene.world.net.leader;
    await scene.world.lead();
    const heard: unknown[] = [];
    const command = { tenant: 'acme', user: 'alice', roles: [], commandId: 'late', trace: '' };
    old?.submit({ ...command, body: { verb: 'run.pause', runId } }, (answer) => heard.push(answer));
    await scene.world.pass(2000);
    expect(heard).toMatchObject([{ ok: false, error: { code: 'OUTCOME_UNKNOWN' } }]);
    expect(scene.types(runId)).not.toContain('RunPaused');
  });

  it('[I2] a leader that wrote nothing lately finds out that it was followed', async () => {
    await scene.world.lead();
    const old = scene.world.net.leader;
    await scene.world.lead();
    await scene.world.pass(5000);
    const heard: unknown[] = [];
    old?.query({ tenant: 'acme', runId: 'run_00_x' }, (answer) => heard.push(answer));
    expect(heard).toMatchObject([{ ok: false, error: { code: 'OUTCOME_UNKNOWN' } }]);
  });
});
