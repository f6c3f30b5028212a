import { describe, expect, it } from '@jest/globals';
import { type Json } from '@summit/kernel';
import { policyTwin, twinAllow, twinDeny } from '@summit/policy';
import { type Context } from '@summit/sdk';
import { z } from 'zod';
import { type Answer, type CommandBody } from './leader/command.ts';
import { app, Scene } from './scene.fixture.ts';

const scene = new Scene();

/** Waits for a signal, then gives the state that it sees. */
const patient = app(async (ctx: Context) => {
  await ctx.state.patch({ amount: 100 });
  await ctx.signal('go', z.unknown());
  return ctx.state.get();
});

type Patch = Extract<CommandBody, { verb: 'state.patch' }>['patch'];

const patch = (threadId: string, change: Patch, expectedVersion: number): CommandBody => ({
  verb: 'state.patch',
  threadId,
  patch: change,
  expectedVersion,
});

const set = (value: Json): Patch => [{ op: 'add', path: '/amount', value }];

function ask(threadId: string, state?: { at?: number }): Answer | undefined {
  let heard: Answer | undefined;
  scene.world.net.leader?.query({ tenant: 'acme', threadId, ...(state && { state }) }, (answer) => {
    heard = answer;
  });
  return heard;
}

const start = (threadId: string, ifBusy?: 'enqueue' | 'reject' | 'interrupt'): CommandBody => ({
  verb: 'run.start',
  threadId,
  workflow: 'work',
  input: null,
  ifBusy,
});

async function started(threadId: string, ifBusy?: 'enqueue' | 'reject' | 'interrupt'): Promise<string> {
  const answer = await scene.world.answer(start(threadId, ifBusy));
  return answer.ok ? (answer.value as { runId: string }).runId : answer.error.code;
}

const waits = (runId: string): Promise<void> =>
  scene.world.until(() => scene.world.view(runId)['status'] === 'waiting');

describe('an edit of the state by a person', () => {
  it('[C3.3] reaches a paused run, which goes on with the corrected value; it names its author', async () => {
    await scene.ready(patient);
    const runId = await started('t');
    await waits(runId);
    await scene.world.answer({ verb: 'run.pause', runId });
    const answer = await scene.world.answer(patch('t', set(40), 1));
    expect(answer).toEqual({ ok: true, value: { threadId: 't', version: 2 } });
    await scene.world.answer({ verb: 'run.signal', runId, name: 'go', payload: null });
    await scene.world.answer({ verb: 'run.resume', runId });
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: { amount: 40 } });
    const edit = scene.world.commits().find(({ commit }) => commit.decisions.some(isEdit));
    expect(edit?.commit).toMatchObject({
      entity: { kind: 'run', id: runId },
      actor: { kind: 'user', name: 'alice' },
      events: [{ type: 'StatePatched', stateVersion: 2, basis: 0 }],
    });
  });

  it('[C3.3] [C1.1] is seen by the coroutine that another executor builds from the history', async () => {
    await scene.ready(patient);
    const runId = await started('t');
    await waits(runId);
    await scene.world.answer(patch('t', set(40), 1));
    await scene.world.pass(100);
    scene.world.kill('e1');
    scene.world.executor('e2', patient);
    await scene.world.pass(8000);
    await scene.world.answer(patch('t', set(41), 2));
    await scene.world.answer({ verb: 'run.signal', runId, name: 'go', payload: null });
    expect(await scene.world.ended(runId)).toMatchObject({ output: { amount: 41 } });
  });

  it('[C3.3] [C1.1] outlives the leader that recorded it, and an executor that did not hear of it', async () => {
    await scene.ready(patient);
    const runId = await started('t');
    await waits(runId);
    scene.world.net.cut.add('e1');
    await scene.world.answer(patch('t', set(40), 1));
    await scene.world.lead();
    scene.world.net.cut.delete('e1');
    await scene.world.pass(2000);
    expect(ask('t', {})).toEqual({
      ok: true,
      value: { threadId: 't', version: 2, state: { amount: 40 } },
    });
    await scene.world.answer({ verb: 'run.signal', runId, name: 'go', payload: null });
    expect(await scene.world.ended(runId)).toMatchObject({ output: { amount: 40 } });
  });

  it.each([
    ['gone', () => scene.world.kill('e1'), () => scene.world.executor('e2', patient)],
    ['cut off', () => scene.world.net.cut.add('e1'), () => scene.world.net.cut.delete('e1')],
  ])(
    '[C3.3] [C1.1] comes before the signal that was sent after it, where the executor is %s meanwhile',
    async (_, leaves, comes) => {
      await scene.ready(patient);
      const runId = await started('t');
      await waits(runId);
      leaves();
      await scene.world.answer(patch('t', set(40), 1));
      await scene.world.answer({ verb: 'run.signal', runId, name: 'go', payload: null });
      comes();
      expect(await scene.world.ended(runId)).toMatchObject({ output: { amount: 40 } });
    },
  );

  it('[C4.1] of an idle thread is a commit of the thread, and its next run begins with it', async () => {
    await scene.ready(app((ctx) => Promise.resolve(ctx.state.get())));
    await scene.world.answer({ verb: 'thread.create', threadId: 't', state: { amount: 100 } });
    await scene.world.answer(patch('t', set(40), 0));
    await scene.world.lead();
    expect(await scene.world.ended(await started('t'))).toMatchObject({ output: { amount: 40 } });
    const kinds = scene.world.commits().map(({ commit }) => commit.entity.kind);
    expect(kinds.filter((kind) => kind === 'thread')).toHaveLength(2);
  });

  it('[C3.3] is refused for another version, a patch that does not apply, or a thread that is not there', async () => {
    await scene.ready(patient);
    await scene.world.answer({ verb: 'thread.create', threadId: 't', state: {} });
    const code = async (body: CommandBody): Promise<unknown> => {
      const answer = await scene.world.answer(body);
      return answer.ok ? 'done' : answer.error.code;
    };
    expect(await code(patch('t', set(1), 1))).toBe('STATE_VERSION_MISMATCH');
    expect(await code(patch('t', [{ op: 'remove', path: '/none' }], 0))).toBe('PATCH_INVALID');
    expect(await code(patch('t', [{ op: 'replace', path: '', value: [] }], 0))).toBe('PATCH_INVALID');
    expect(await code(patch('other', set(1), 0))).toBe('THREAD_NOT_FOUND');
    expect(await code({ verb: 'thread.create', threadId: 't', state: {} })).toBe('THREAD_EXISTS');
    expect(await code(patch('t', set(1), 0))).toBe('done');
  });

  it('[C5.1] is not made where policy denies it, and says nothing of the state then', async () => {
    const policy = policyTwin(({ action }) => (action.kind === 'state.patch' ? twinDeny('no') : twinAllow));
    await scene.ready(patient, { policy });
    await scene.world.answer({ verb: 'thread.create', threadId: 't', state: { secret: 1 } });
    const probe = patch('t', [{ op: 'test', path: '/secret', value: 2 }], 7);
    expect(await scene.world.answer(probe)).toMatchObject({ ok: false, error: { kind: 'refused' } });
  });

  it('[C1.3] of one command id is made once', async () => {
    await scene.ready(patient);
    await scene.world.answer({ verb: 'thread.create', threadId: 't', state: {} });
    const both = [1, 2].map(() => scene.world.submit(patch('t', set(1), 0), { commandId: 'edit' }));
    await scene.world.pass(100);
    expect(both.flat().map(({ ok }) => ok)).toEqual([true, true]);
    expect(ask('t')).toMatchObject({ ok: true, value: { stateVersion: 1 } });
  });

  it('[C3.3] leaves the versions before it to be looked at', async () => {
    await scene.ready(patient);
    await scene.world.answer({ verb: 'thread.create', threadId: 't', state: {} });
    for (let version = 0; version < 20; version++)
      await scene.world.answer(patch('t', set(version), version));
    expect(ask('t', { at: 10 })).toMatchObject({ ok: true, value: { version: 10, state: { amount: 9 } } });
    expect(ask('t', { at: 1 })).toMatchObject({ ok: false, error: { code: 'STATE_VERSION_NOT_FOUND' } });
    expect(ask('t', { at: 21 })).toMatchObject({ ok: false, error: { code: 'STATE_VERSION_NOT_FOUND' } });
  });

  it('[I8] of another tenant’s thread finds none', async () => {
    await scene.ready(patient);
    await scene.world.answer({ verb: 'thread.create', threadId: 't', state: {} });
    const answer = await scene.world.answer(patch('t', set(1), 0), { tenant: 'other' });
    expect(answer).toMatchObject({ ok: false, error: { code: 'THREAD_NOT_FOUND' } });
  });
});

describe('a start on a busy thread', () => {
  it('[C4.1] waits its turn unless it says otherwise', async () => {
    await scene.ready(patient);
    const first = await started('t');
    const second = await started('t');
    await waits(first);
    expect(scene.world.view(second)['status']).toBe('pending');
    expect(ask('t')).toMatchObject({ value: { activeRun: first, queuedRuns: [second] } });
  });

  it('[C4.1] is refused with reject, in the same turn too; a free thread takes it', async () => {
    await scene.ready(patient);
    const both = [1, 2].map(() => scene.world.submit(start('t', 'reject')));
    await scene.world.pass(100);
    expect(both.flat()).toMatchObject([{ ok: true }, { ok: false, error: { code: 'THREAD_BUSY' } }]);
    expect(await started('free', 'reject')).toMatch(/^run_/);
  });

  it('[C4.1] with interrupt cancels the run that has the thread, and is the next, before those that wait', async () => {
    await scene.ready(patient);
    const first = await started('t');
    await waits(first);
    const queued = await started('t');
    const urgent = await started('t', 'interrupt');
    expect(await scene.world.ended(first)).toMatchObject({ status: 'cancelled' });
    await waits(urgent);
    expect(scene.world.view(queued)['status']).toBe('pending');
    expect(ask('t')).toMatchObject({ value: { activeRun: urgent, queuedRuns: [queued] } });
  });

  it('[C4.1] with interrupt, twice in one turn: the second interrupts the first', async () => {
    await scene.ready(patient);
    const both = [1, 2].map(() => scene.world.submit(start('t', 'interrupt')));
    await scene.world.pass(1000);
    const [first, second] = both
      .flat()
      .map((answer) => (answer.ok ? (answer.value as { runId: string }).runId : ''));
    expect(scene.world.view(first ?? '')['status']).toBe('cancelled');
    await waits(second ?? '');
  });

  it('[C5.1] with interrupt is refused where the other run may not be cancelled; it goes on', async () => {
    const policy = policyTwin(({ action }) => (action.kind === 'run.cancel' ? twinDeny('no') : twinAllow));
    await scene.ready(patient, { policy });
    const first = await started('t');
    await waits(first);
    expect(await started('t', 'interrupt')).toBe('POLICY_DENIED');
    expect(scene.world.view(first)['status']).toBe('waiting');
    expect(ask('t')).toMatchObject({ value: { queuedRuns: [] } });
  });
});

const isEdit = ({ input }: { input?: string | undefined }): boolean =>
  input?.includes('"kind":"state.patch"') === true;
