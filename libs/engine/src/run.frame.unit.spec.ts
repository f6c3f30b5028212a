import { beforeEach, describe, expect, it } from '@jest/globals';
import { type PolicyAnswer } from '@summit/policy';
import { type FrameItem } from './frame.ts';
import { allow, call, deny, Partition, RUN } from './partition.fixture.ts';
import { type RunEvent } from '@summit/events';
import { planFrame } from './run.frame.ts';

let partition: Partition;
beforeEach(() => {
  partition = new Partition().given();
});

const when = (items: readonly FrameItem[], answer: PolicyAnswer = allow): readonly RunEvent[] => {
  const cause = partition.cause();
  return partition.conclude(
    planFrame(partition.run, partition.frame(items), partition.asker, partition.scope()),
    answer,
    cause,
  );
};
const refused = (items: readonly FrameItem[], number?: number): void => {
  const frame = partition.frame(items, number);
  expect(() => planFrame(partition.run, frame, partition.asker, partition.scope())).toThrow(
    expect.objectContaining({ code: 'FRAME_REFUSED' }),
  );
};
const types = (events: readonly RunEvent[]): string[] => events.map(({ type }) => type);
const outcome = (stepKey: string, attempt = 1): FrameItem => ({
  kind: 'outcome',
  stepKey,
  attempt,
  output: 1,
  at: 5,
});

describe('a frame', () => {
  it('[C1.2] [I3] records intent, decision and permit in one commit, in that order', () => {
    expect(types(when([call('keyed')]))).toEqual(['StepProposed', 'PermitGranted']);
    expect(partition.run.open.size).toBe(1);
  });

  it('[C5.1] a denied proposal is on record and is not permitted', () => {
    const events = when([call('keyed')], deny);
    expect(types(events)).toEqual(['StepProposed', 'StepDenied']);
    expect(events[1]).toMatchObject({ basis: 0, data: { error: { code: 'POLICY_DENIED' } } });
  });

  it.each([
    ['unknown to the catalogue', { tool: 'f'.repeat(64) }, 'TOOL_NOT_REGISTERED'],
    ['with arguments that its schema forbids', { args: 'wrong' }, 'TOOL_INPUT_INVALID'],
  ])('[C5.1] a tool %s is denied, whatever policy says', (_what, change, code) => {
    const events = when([{ ...call('keyed'), ...change }]);
    expect(events[1]).toMatchObject({ type: 'StepDenied', data: { error: { code } } });
  });

  it('[C5.1] an obligation that the engine does not know denies', () => {
    const obliged = { ...allow, obligations: [{ id: 'o', type: 'odd', params: {} }] };
    expect(types(when([call('keyed')], obliged))).toEqual(['StepProposed', 'StepDenied']);
  });

  it('is refused whole out of order, with a key twice, or with a mark of what has no answer', () => {
    refused([], 2);
    refused([call('keyed'), call('keyed')]);
    refused([{ kind: 'delivered', version: 1, stepKey: 'none', at: 1 }]);
    when([call('keyed')]);
    refused([call('keyed')]);
    refused([{ kind: 'delivered', version: 3, stepKey: 'keyed#0', at: 1 }]);
    refused([{ kind: 'stopped' }]);
    refused([{ kind: 'complete', output: 1 }, call('keyed', 'later')]);
  });

  it('[C1.3] the first outcome stands; a coroutine that went on with another is refused', () => {
    when([call('keyed')]);
    when([outcome('keyed#0')]);
    refused([outcome('keyed#0')]);
    refused([outcome('keyed#0', 2)]);
    when([call('keyed', 'again')]);
    refused([outcome('again'), outcome('again')]);
  });

  it('[C1.3] a failure is tried again with backoff, until its tries are used up', () => {
    when([call('keyed')]);
    const error = { code: 'NO', message: 'no' };
    const first = when([{ kind: 'failure', stepKey: 'keyed#0', attempt: 1, error }]);
    expect(first).toMatchObject([{ type: 'AttemptFailed', retryAt: partition.now + 100 }]);
    const terminal = { ...error, retryable: false };
    partition = new Partition().given();
    when([call('keyed')]);
    expect(types(when([{ kind: 'failure', stepKey: 'keyed#0', attempt: 1, error: terminal }]))).toEqual([
      'StepFailed',
    ]);
  });

  it('[C1.3] a once attempt of which nobody can tell is unknown', () => {
    when([call('once')]);
    const events = when([
      { kind: 'failure', stepKey: 'once#0', attempt: 1, error: { code: 'NO', message: 'no' }, unknown: true },
    ]);
    expect(types(events)).toEqual(['EffectUnknown', 'ApprovalRequested']);
  });

  it('[I4] a run that ends permits nothing more, and says what never began', () => {
    when([call('once')]);
    const events = when([call('once', 'other'), { kind: 'complete', output: 1 }]);
    expect(types(events)).toEqual(['StepProposed', 'EffectNeverHappened', 'RunCompleted']);
    expect(partition.state.finished.get(RUN)).toMatchObject({ status: 'completed' });
  });

  it('[I3] after a denied pure step only facts are recorded', () => {
    when([call('keyed')]);
    const events = when(
      [{ kind: 'pure', stepKey: 'p#0', output: 1 }, call('once'), outcome('keyed#0')],
      deny,
    );
    expect(types(events)).toEqual(['RunFailed', 'StepCompleted']);
  });

  it('pure steps that stand together share one decision', () => {
    const pure = [1, 2, 3].map((output): FrameItem => ({
      kind: 'pure',
      stepKey: `p#${String(output)}`,
      output,
    }));
    expect(when(pure)).toMatchObject([{ type: 'PureComputed', count: 3 }]);
  });

  it('[C2.3] patches apply one after another; one that does not apply is denied, the rest goes on', () => {
    const patch = (stepKey: string, path: string): FrameItem => ({
      kind: 'patch',
      stepKey,
      patch: [{ op: 'add', path, value: {} }],
    });
    const events = when([patch('a', '/x'), patch('b', '/not/there'), patch('c', '/x/y')]);
    expect(types(events)).toEqual(['StatePatched', 'StepProposed', 'StepDenied', 'StatePatched']);
    expect(partition.scope().thread).toMatchObject({ state: { x: { y: {} } }, stateVersion: 2 });
  });

  it('each signal is taken once, however many wait for it in one frame', () => {
    partition.record({
      events: [{ type: 'SignalReceived', v: 1, basis: 0, data: { name: 'go', payload: 1 } }],
    });
    const wait = (stepKey: string): FrameItem => ({ kind: 'signal', stepKey, name: 'go' });
    expect(types(when([wait('a'), wait('b')]))).toEqual(['StepProposed', 'StepCompleted', 'StepProposed']);
  });

  it('[C1.4] a divergence stops the run and shows both sides', () => {
    const events = when([{ kind: 'diverged', stepKey: 'a', recorded: 'x', proposed: 'y' }]);
    expect(types(events)).toEqual(['RunDiverged', 'RunFailed']);
    expect(events[0]?.data).toEqual({ stepKey: 'a', recorded: 'x', proposed: 'y' });
  });

  it('of a run that was asked to stop, proposals are denied', () => {
    partition.record({ events: [{ type: 'RunCancelRequested', v: 1, basis: 0, data: { reason: '' } }] });
    expect(when([call('keyed')])[1]).toMatchObject({
      type: 'StepDenied',
      data: { error: { code: 'RUN_CANCELLED' } },
    });
    expect(types(when([{ kind: 'stopped' }]))).toEqual(['RunCancelled']);
  });

  it('of a paused run is recorded, and permitted only when it goes on', () => {
    partition.record({ events: [{ type: 'RunPaused', v: 1, basis: 0 }] });
    expect(types(when([call('keyed')]))).toEqual(['StepProposed']);
    expect(partition.run.open.values().map(({ phase }) => phase)).toEqual(['held']);
  });
});
