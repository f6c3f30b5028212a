import { beforeEach, describe, expect, it } from '@jest/globals';
import { type RunEvent } from '@summit/events';
import { type FrameItem } from './frame.ts';
import { allow, call, deny, Partition } from './partition.fixture.ts';
import { planCommand } from './run.commands.ts';
import { endWithoutExecutor } from './run.end.ts';
import { OLD_REIGN_MS } from './run.evolve.ts';
import { planFrame } from './run.frame.ts';
import { nextDue, planUpkeep } from './run.leader.ts';
import { backoff, outcomeEvents } from './run.outcome.ts';
import { waitingFor } from './run.state.ts';

let partition: Partition;
beforeEach(() => {
  partition = new Partition().given();
});

function say(...items: FrameItem[]): void {
  const cause = partition.cause();
  const plan = planFrame(partition.run, partition.frame(items), partition.asker, partition.scope());
  partition.conclude(plan, allow, cause);
}
const upkeep = (answer = allow, reachable = true): readonly RunEvent[] =>
  partition.conclude(planUpkeep(partition.run, partition.asker, partition.scope(), reachable), answer);
const types = (events: readonly RunEvent[]): string[] => events.map(({ type }) => type);
const phases = (): string[] => partition.run.open.values().map(({ phase }) => phase);

describe('time', () => {
  it('ends a sleep, and gives a signal up', () => {
    say(
      { kind: 'sleep', stepKey: 's', name: 'sleep', ms: 50 },
      { kind: 'signal', stepKey: 'g', name: 'go', timeoutMs: 70 },
    );
    expect(waitingFor(partition.run)).toEqual(['timer', 'signal:go']);
    expect(nextDue(partition.run)).toBe(1050);
    partition.now = 1060;
    expect(upkeep()).toMatchObject([{ type: 'StepCompleted', basis: 'timer' }]);
    partition.now = 1070;
    expect(upkeep()).toMatchObject([
      { type: 'StepFailed', basis: 'expiry', data: { error: { code: 'SIGNAL_TIMEOUT' } } },
    ]);
    expect(nextDue(partition.run)).toBeUndefined();
  });

  it('[C5.1] brings another attempt, decided by the policy of its moment', () => {
    say(call('keyed'));
    say({ kind: 'failure', stepKey: 'keyed#0', attempt: 1, error: { code: 'NO', message: '' } });
    expect(upkeep()).toEqual([]);
    partition.now += 100;
    expect(upkeep(allow, false)).toEqual([]);
    expect(upkeep()).toMatchObject([{ type: 'PermitGranted', attempt: 2 }]);
    say({ kind: 'failure', stepKey: 'keyed#0', attempt: 2, error: { code: 'NO', message: '' } });
    partition.now += 200;
    expect(types(upkeep(deny))).toEqual(['StepDenied']);
  });
});

describe('a run given to another executor', () => {
  it('[C1.3] an idempotent attempt is permitted again under the next number', () => {
    say(call('keyed'));
    partition.assign('e2');
    expect(phases()).toEqual(['held']);
    expect(upkeep()).toMatchObject([{ type: 'PermitGranted', attempt: 2, executor: 'e2' }]);
  });

  it('[C1.3] [I4] a once attempt is in doubt until it can not be under way any more', () => {
    say(call('once'), call('blind'));
    partition.now = 9000;
    partition.assign('e2');
    expect(phases()).toEqual(['doubt', 'doubt']);
    expect(nextDue(partition.run)).toBe(10_000);
    partition.now = 9999;
    expect(upkeep()).toEqual([]);
    partition.now = 10_000;
    expect(upkeep()).toMatchObject([
      { type: 'EffectUnknown', step: 1 },
      { type: 'ApprovalRequested', step: 1, about: 'effect' },
    ]);
    expect(phases()).toEqual(['doubt', 'unknown']);
  });

  it('[I4] after a change of reign it also waits for what the lost leader may have lent', () => {
    say(call('once'));
    partition.assign('e2', false, 2);
    expect(nextDue(partition.run)).toBe(partition.now + OLD_REIGN_MS + 1000);
  });

  it('keeps everything as it is where its coroutine was kept', () => {
    say(call('once'));
    partition.assign('e1', true, 2);
    expect(phases()).toEqual(['permitted']);
    expect(partition.run).toMatchObject({ coroutine: 1, frame: 1, epoch: { leader: 2, assignment: 2 } });
  });

  it('[C1.3] an outcome of the executor that the permit names counts from any epoch, once', () => {
    say(call('once'));
    partition.assign('e2');
    const item = { kind: 'outcome', stepKey: 'once#0', attempt: 1, output: 7, at: 1 } as const;
    expect(outcomeEvents(partition.run, 'e3', item, 1, true)).toEqual([]);
    const events = outcomeEvents(partition.run, 'e1', item, 1, true);
    expect(events).toMatchObject([{ type: 'StepCompleted', basis: 'outcome', data: { output: 7 } }]);
    partition.record({ events });
    expect(outcomeEvents(partition.run, 'e1', item, 1, true)).toEqual([]);
  });

  it('[I4] only who has the run now may say what became of a doubt', () => {
    say(call('once'));
    partition.assign('e2');
    const item = { kind: 'reconciled', stepKey: 'once#0', attempt: 1, verdict: 'never' } as const;
    expect(outcomeEvents(partition.run, 'e1', item, 1)).toEqual([]);
    partition.record({ events: outcomeEvents(partition.run, 'e2', item, 1) });
    expect(upkeep()).toMatchObject([{ type: 'PermitGranted', attempt: 2 }]);
  });
});

describe('a command on a run', () => {
  const command = (verb: 'pause' | 'resume'): readonly RunEvent[] =>
    partition.conclude(planCommand(partition.run, { verb }, partition.asker));

  it('pauses and resumes, each once', () => {
    expect(types(command('pause'))).toEqual(['RunPaused']);
    expect(command('pause')).toEqual([]);
    expect(waitingFor(partition.run)).toEqual(['resume']);
    expect(types(command('resume'))).toEqual(['RunResumed']);
    expect(command('resume')).toEqual([]);
  });

  it('a signal settles the first that waits for it, else it waits itself', () => {
    const signal = (payload: number) =>
      partition.conclude(
        planCommand(partition.run, { verb: 'signal', name: 'go', payload }, partition.asker),
      );
    say({ kind: 'signal', stepKey: 'a', name: 'go' }, { kind: 'signal', stepKey: 'b', name: 'go' });
    expect(signal(1)).toMatchObject([{ type: 'SignalReceived' }, { type: 'StepCompleted', step: 0 }]);
    expect(signal(2)).toMatchObject([{ type: 'SignalReceived' }, { type: 'StepCompleted', step: 1 }]);
    expect(types(signal(3))).toEqual(['SignalReceived']);
    expect(partition.run.signals.get('go')).toEqual([3]);
  });

  it('a cancel asks the executor; without one the run ends, and its attempts are unknown', () => {
    say(call('once'));
    const cancel = planCommand(partition.run, { verb: 'cancel', reason: '' }, partition.asker);
    expect(types(partition.conclude(cancel))).toEqual(['RunCancelRequested']);
    expect(upkeep()).toEqual([]);
    expect(types(endWithoutExecutor(partition.run))).toEqual(['EffectUnknown', 'RunCancelled']);
  });

  it('[C5.1] is refused by policy with the decision on record', () => {
    const plan = planCommand(partition.run, { verb: 'pause' }, partition.asker);
    expect(() => plan.conclude([deny])).toThrow(expect.objectContaining({ code: 'POLICY_DENIED' }));
  });
});

describe('backoff', () => {
  it('is a number of milliseconds, however it grows', () => {
    const policy = { maxAttempts: 9, initialMs: 200, factor: 2, maxMs: 30_000 };
    expect([1, 2, 3, 20].map((failures) => backoff(policy, failures))).toEqual([200, 400, 800, 30_000]);
    expect(backoff({ ...policy, initialMs: 0, factor: 1e200 }, 5)).toBe(0);
    expect(backoff({ ...policy, factor: 1e200 }, 5)).toBe(30_000);
  });
});
