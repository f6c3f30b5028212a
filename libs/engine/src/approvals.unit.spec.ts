import { beforeEach, describe, expect, it } from '@jest/globals';
import { type EventOf, type RunEvent } from '@summit/events';
import { canonicalJson, type Json, sha256 } from '@summit/kernel';
import { type PolicyAnswer, type PolicyRequest } from '@summit/policy';
import { type DecideApproval } from './approval.edit.ts';
import { type ApprovalState } from './approval.state.ts';
import { type FrameItem } from './frame.ts';
import { allow, ask, call, deny, Partition, RUN } from './partition.fixture.ts';
import { planCommand } from './run.commands.ts';
import { planFrame } from './run.frame.ts';
import { nextDue, planUpkeep } from './run.leader.ts';
import { outcomeEvents } from './run.outcome.ts';
import { waitingFor } from './run.state.ts';

type Rule = (request: PolicyRequest) => PolicyAnswer;

let partition: Partition;
beforeEach(() => {
  partition = new Partition().given();
});

const actionOf = ({ input }: PolicyRequest): { kind: string; args?: Json } =>
  (JSON.parse(input) as { action: { kind: string; args?: Json } }).action;
/** Whoever answers may; of actions the rule says. */
const may =
  (rule: (args: Json | undefined) => PolicyAnswer): Rule =>
  (request) => {
    const { kind, args } = actionOf(request);
    return kind === 'approval.decide' ? allow : rule(args);
  };
const askAll = may(() => ask());

function say(rule: Rule, ...items: FrameItem[]): readonly RunEvent[] {
  const cause = partition.cause();
  return partition.ruled(
    planFrame(partition.run, partition.frame(items), partition.asker, partition.scope()),
    rule,
    cause,
  );
}
const upkeep = (rule: Rule = () => allow): readonly RunEvent[] =>
  partition.ruled(planUpkeep(partition.run, partition.asker, partition.scope()), rule);
const types = (events: readonly RunEvent[]): string[] => events.map(({ type }) => type);
const asked = (): ApprovalState => {
  const approval = [...partition.state.approvals.values()].at(-1);
  if (!approval) throw new Error('nobody is asked');
  return approval;
};
const answer = (
  name: string,
  decision: DecideApproval['decision'],
  more: Partial<DecideApproval> = {},
  rule: Rule = askAll,
): readonly RunEvent[] =>
  partition.answer(name, { decision, actionHash: asked().ask.actionHash, ...more }, rule);
const errorOf = (events: readonly RunEvent[], type: RunEvent['type']): unknown =>
  events.find((event) => event.type === type && 'data' in event)?.data;

describe('a verdict that asks people', () => {
  it('[C3.1] [I3] records intent and question in one commit; the step waits, nothing is permitted', () => {
    const events = say(askAll, call('once'));
    expect(types(events)).toEqual(['StepProposed', 'ApprovalRequested']);
    expect(waitingFor(partition.run)).toEqual([`approval:${asked().approvalId}`]);
    expect(upkeep()).toEqual([]);
    expect(nextDue(partition.run)).toBe(partition.now + 60_000);
  });

  it('[C3.2] the question is bound to exactly what is shown', () => {
    say(askAll, call('once', 'once#0', { amount: 7 }));
    const { ask: open, about, name } = asked();
    expect(open.shown).toMatchObject({ arguments: { amount: 7 }, run: RUN, stepKey: 'once#0' });
    expect(sha256(canonicalJson(open.shown))).toBe(open.actionHash);
    expect(open).toMatchObject({ quorum: 1, roles: ['reviewer'], reasons: ['it is much'], separation: true });
    expect({ about, name }).toEqual({ about: 'action', name: 'once' });
  });

  it('[C3.1] what stands beside it goes on', () => {
    const events = say(
      may((args) => (args === 'big' ? ask() : allow)),
      call('once', 'a', 'big'),
      call('keyed', 'b'),
    );
    expect(types(events)).toEqual(['StepProposed', 'ApprovalRequested', 'StepProposed', 'PermitGranted']);
    expect(waitingFor(partition.run)).toBeUndefined();
  });

  it('[C3.1] a frame that ends its run asks nobody', () => {
    const events = say(
      may((args) => (args === 'x' ? ask() : allow)),
      call('once'),
      { kind: 'complete', output: null },
    );
    expect(types(events)).toEqual(['StepProposed', 'RunCompleted']);
  });

  it('[C5.1] sleeps and signals can not wait for people: denied', () => {
    const events = say(askAll, { kind: 'sleep', stepKey: 's', name: 'sleep', ms: 5 });
    expect(types(events)).toEqual(['StepProposed', 'StepDenied']);
  });
});

const done = { kind: 'outcome', stepKey: 'once#0', attempt: 1, output: 'sent', at: 2000 } as const;

describe('an answer', () => {
  beforeEach(() => {
    say(askAll, call('once', 'once#0', { amount: 7 }));
  });

  it('[C3.2] that approves gives the permit in the same commit, under the decision of that moment', () => {
    const events = answer('bob', 'approve', { reason: 'fine' });
    expect(events).toMatchObject([
      {
        type: 'ApprovalDecided',
        basis: 0,
        decision: 'approve',
        outcome: 'approved',
        data: { reason: 'fine' },
      },
      { type: 'PermitGranted', basis: 1, attempt: 1, actionHash: asked().ask.actionHash },
    ]);
    expect(asked()).toMatchObject({ status: 'approved', answers: [{ by: { name: 'bob' } }] });
  });

  it('[C3.2] that modifies is validated, hashed and decided anew; the permit carries what was edited', () => {
    const before = asked().ask.actionHash;
    const events = answer('bob', 'modify', { action: { amount: 5 } });
    const [decided, permit] = events as [EventOf<'ApprovalDecided'>, EventOf<'PermitGranted'>];
    expect(decided).toMatchObject({
      actionHash: before,
      outcome: 'approved',
      data: { action: { amount: 5 } },
    });
    expect(permit).toMatchObject({ actionHash: decided.newHash, data: { args: { amount: 5 } } });
    expect(decided.newHash).not.toBe(before);
    expect(partition.run.byNumber[0]).toMatchObject({ actionHash: decided.newHash, args: { amount: 5 } });
  });

  it('[C3.2] that modifies stands in the history with the result of what was executed', () => {
    answer('bob', 'modify', { action: { amount: 5 } });
    say(askAll, done);
    expect(partition.run.history.at(-1)).toMatchObject({ output: 'sent', executed: { amount: 5 } });
    expect(partition.folded().runs.get(RUN)?.history).toEqual(partition.run.history);
  });

  it('[C3.2] that modifies stands there with its failure too; one that approves does not', () => {
    const error = { code: 'NO', message: 'no', retryable: false };
    answer('bob', 'modify', { action: { amount: 5 } });
    say(askAll, { kind: 'failure', stepKey: 'once#0', attempt: 1, error });
    expect(partition.run.history.at(-1)).toMatchObject({ t: 'settled', executed: { amount: 5 } });
    say(askAll, call('once', 'once#1', { amount: 7 }));
    answer('bob', 'approve');
    say(askAll, { ...done, stepKey: 'once#1' });
    expect(partition.run.history.at(-1)).not.toHaveProperty('executed');
  });

  it('[C3.2] that modifies says nothing of an attempt before it, whose outcome comes late', () => {
    partition = new Partition().given();
    say(() => allow, call('keyed', 'keyed#0', { amount: 7 }));
    partition.assign('e2');
    upkeep(askAll);
    partition.reachable = false;
    expect(types(answer('bob', 'modify', { action: { amount: 5 } }))).toEqual(['ApprovalDecided']);
    const late = { ...done, stepKey: 'keyed#0' };
    partition.record({ events: outcomeEvents(partition.run, 'e1', late, 1, true) });
    expect(partition.run.history.at(-1)).toMatchObject({ t: 'settled', result: { output: 'sent' } });
    expect(partition.run.history.at(-1)).not.toHaveProperty('executed');
  });

  it('[C3.2] that modifies to what the schema or policy forbids is refused, and the question stays open', () => {
    expect(() => answer('bob', 'modify', { action: 'wrong' })).toThrow(
      expect.objectContaining({ code: 'APPROVAL_ACTION_INVALID' }),
    );
    expect(() => answer('bob', 'modify')).toThrow(
      expect.objectContaining({ code: 'APPROVAL_ACTION_INVALID' }),
    );
    expect(() => answer('bob', 'approve', { action: 1 })).toThrow(
      expect.objectContaining({ code: 'APPROVAL_ACTION_INVALID' }),
    );
    const forbid = may(() => deny);
    expect(() => answer('bob', 'modify', { action: { amount: 9 } }, forbid)).toThrow(
      expect.objectContaining({ code: 'POLICY_DENIED' }),
    );
    expect(asked().status).toBe('open');
  });

  it('[C3.2] that rejects denies the step with the reason', () => {
    const events = answer('bob', 'reject', { reason: 'too much' });
    expect(types(events)).toEqual(['ApprovalDecided', 'StepDenied']);
    expect(errorOf(events, 'StepDenied')).toMatchObject({
      error: { code: 'APPROVAL_REJECTED', message: 'bob rejected once: too much' },
    });
  });

  it('[C3.2] that abstains is on record and settles nothing', () => {
    expect(types(answer('bob', 'abstain'))).toEqual(['ApprovalDecided']);
    expect(asked().status).toBe('open');
  });

  it('[C3.2] to what is not open now is refused: stale, closed, expired', () => {
    expect(() => answer('bob', 'approve', { actionHash: 'a'.repeat(64) })).toThrow(
      expect.objectContaining({ code: 'APPROVAL_STALE' }),
    );
    partition.now += 60_000;
    expect(() => answer('bob', 'approve')).toThrow(expect.objectContaining({ code: 'APPROVAL_EXPIRED' }));
    partition.now -= 60_000;
    answer('bob', 'approve');
    expect(() => answer('carol', 'approve')).toThrow(expect.objectContaining({ code: 'APPROVAL_CLOSED' }));
  });

  it('[C5.1] policy sees the question and who stands to it; what it denies is refused', () => {
    const seen: unknown[] = [];
    const look: Rule = (request) => {
      seen.push(actionOf(request));
      return deny;
    };
    expect(() => answer('alice', 'approve', {}, look)).toThrow(
      expect.objectContaining({ code: 'POLICY_DENIED' }),
    );
    const hash = asked().ask.actionHash;
    expect(seen[0]).toMatchObject({
      kind: 'approval.decide',
      actionHash: hash,
      openHash: hash,
      open: true,
      requesters: ['alice'],
      deciders: [],
      roles: ['reviewer'],
      separation: true,
    });
  });

  it('[C5.1] is decided again by the policy of that moment: a denial stands above an approval', () => {
    const events = answer(
      'bob',
      'approve',
      {},
      may(() => deny),
    );
    expect(types(events)).toEqual(['ApprovalDecided', 'StepDenied']);
    expect(asked().status).toBe('denied');
  });

  it('[C3.2] a run that is paused keeps the approval, and permits when it resumes', () => {
    partition.ruled(planCommand(partition.run, { verb: 'pause' }, partition.asker), () => allow);
    expect(types(answer('bob', 'modify', { action: { amount: 5 } }))).toEqual(['ApprovalDecided']);
    partition.ruled(planCommand(partition.run, { verb: 'resume' }, partition.asker), () => allow);
    expect(upkeep(askAll)).toMatchObject([{ type: 'PermitGranted', data: { args: { amount: 5 } } }]);
  });

  it('[C1.3] a lost executor keeps the approval: the next attempt rests on it, with what was edited', () => {
    partition = new Partition().given();
    say(askAll, call('keyed', 'keyed#0', { amount: 7 }));
    answer('bob', 'modify', { action: { amount: 5 } });
    partition.assign('e2');
    expect(upkeep(askAll)).toMatchObject([
      { type: 'PermitGranted', attempt: 2, executor: 'e2', data: { args: { amount: 5 } } },
    ]);
  });

  it('[C5.1] stricter terms by then ask people again', () => {
    partition = new Partition().given();
    say(askAll, call('keyed'));
    answer('bob', 'approve');
    partition.assign('e2');
    expect(types(upkeep(() => ask(2)))).toEqual(['ApprovalRequested']);
    expect(upkeep(() => allow)).toEqual([]);
  });

  it('[C1.3] the word of a lost executor closes a question that was asked for another attempt', () => {
    partition = new Partition().given();
    say(() => allow, call('keyed'));
    partition.assign('e2');
    upkeep(askAll);
    const item = { kind: 'outcome', stepKey: 'keyed#0', attempt: 1, output: 7, at: 1 } as const;
    const events = outcomeEvents(partition.run, 'e1', item, 1, true);
    expect(types(events)).toEqual(['StepCompleted', 'ApprovalWithdrawn']);
    partition.record({ events });
    expect(asked().status).toBe('withdrawn');
  });
});

describe('a quorum', () => {
  const two = may(() => ask(2));
  beforeEach(() => {
    say(two, call('once', 'once#0', { amount: 7 }));
  });

  it('[C3.2] is reached by different people', () => {
    expect(types(answer('bob', 'approve', {}, two))).toEqual(['ApprovalDecided']);
    expect(types(answer('bob', 'approve', {}, two))).toEqual(['ApprovalDecided']);
    expect(types(answer('carol', 'approve', {}, two))).toEqual(['ApprovalDecided', 'PermitGranted']);
  });

  it('[C3.2] begins anew with a modification, which counts for whoever made it', () => {
    answer('bob', 'approve', {}, two);
    const events = answer('carol', 'modify', { action: { amount: 5 } }, two);
    expect(types(events)).toEqual(['ApprovalDecided', 'ApprovalAmended']);
    expect(asked().ask.shown).toMatchObject({ arguments: { amount: 5 } });
    expect(sha256(canonicalJson(asked().ask.shown))).toBe(asked().ask.actionHash);
    const permit = answer('dave', 'approve', {}, two)[1];
    expect(permit).toMatchObject({ type: 'PermitGranted', actionHash: asked().ask.actionHash });
  });

  it('[C3.2] is not asked for where policy allows the modified action by itself', () => {
    const cheap = may((args) => (canonicalJson(args ?? null) === '{"amount":1}' ? allow : ask(2)));
    expect(types(answer('bob', 'modify', { action: { amount: 1 } }, cheap))).toEqual([
      'ApprovalDecided',
      'PermitGranted',
    ]);
  });

  it('[C3.2] one rejection is enough to end it', () => {
    answer('bob', 'approve', {}, two);
    expect(types(answer('carol', 'reject', {}, two))).toEqual(['ApprovalDecided', 'StepDenied']);
  });
});

describe('time', () => {
  it('[C3.2] expires a question: the step is denied', () => {
    say(askAll, call('once'));
    partition.now += 59_999;
    expect(upkeep()).toEqual([]);
    partition.now += 1;
    expect(upkeep()).toMatchObject([
      { type: 'ApprovalExpired', basis: 'expiry' },
      { type: 'StepDenied', basis: 'expiry', data: { error: { code: 'APPROVAL_EXPIRED' } } },
    ]);
    expect(nextDue(partition.run)).toBeUndefined();
  });

  it('[C3.2] brings a question before others first, where its terms say so', () => {
    const escalating = may(() => ask(1, { escalate: { roles: ['lead'], ttl_s: 10 } }));
    say(escalating, call('once'));
    partition.now += 60_000;
    expect(types(upkeep())).toEqual(['ApprovalEscalated']);
    expect(asked().ask).toMatchObject({ roles: ['lead'], expiresAt: partition.now + 10_000 });
    partition.now += 10_000;
    expect(types(upkeep())).toEqual(['ApprovalExpired', 'StepDenied']);
  });
});

describe('the end of a run', () => {
  it('[C3.2] a cancel takes open questions back', () => {
    say(askAll, call('once'));
    const events = partition.ruled(
      planCommand(partition.run, { verb: 'cancel', reason: '' }, partition.asker),
      () => allow,
    );
    expect(types(events)).toEqual(['RunCancelRequested', 'ApprovalWithdrawn']);
    expect(() => answer('bob', 'approve')).toThrow(expect.objectContaining({ code: 'APPROVAL_CLOSED' }));
  });

  it('[C3.2] an end by itself does too', () => {
    say(askAll, call('once'));
    expect(types(say(() => allow, { kind: 'complete', output: 1 }))).toEqual([
      'ApprovalWithdrawn',
      'RunCompleted',
    ]);
    expect(asked().status).toBe('withdrawn');
  });
});

describe('an effect of which nobody can tell', () => {
  const inDoubt = (): void => {
    say(() => allow, call('blind'));
    say(() => allow, {
      kind: 'failure',
      stepKey: 'blind#0',
      attempt: 1,
      error: { code: 'NO', message: 'the line was cut' },
      unknown: true,
    });
  };
  beforeEach(inDoubt);

  it('[C1.3] [I4] asks people, and is not repeated meanwhile', () => {
    expect(asked()).toMatchObject({ about: 'effect', ask: { reasons: ['the line was cut'] } });
    expect(waitingFor(partition.run)).toEqual(['unknown:blind', `approval:${asked().approvalId}`]);
    expect(nextDue(partition.run)).toBeUndefined();
    expect(upkeep()).toEqual([]);
  });

  it('[C1.3] [I4] approved: it never happened, so it is permitted again', () => {
    expect(answer('bob', 'approve', {}, () => allow)).toMatchObject([
      { type: 'ApprovalDecided', outcome: 'approved' },
      { type: 'EffectNeverHappened', basis: 0, attempt: 1 },
    ]);
    expect(upkeep()).toMatchObject([{ type: 'PermitGranted', attempt: 2 }]);
  });

  it('[C1.3] modified: it happened, and this is what it brought', () => {
    expect(() => answer('bob', 'modify', { action: 'wrong' })).toThrow(
      expect.objectContaining({ code: 'APPROVAL_ACTION_INVALID' }),
    );
    expect(answer('bob', 'modify', { action: 'sent' }, () => allow)).toMatchObject([
      { type: 'ApprovalDecided', outcome: 'approved' },
      { type: 'StepCompleted', basis: 0, attempt: 1, data: { output: 'sent' } },
    ]);
  });

  it('[C1.3] rejected: the step has failed', () => {
    expect(answer('bob', 'reject', { reason: 'give up' }, () => allow)).toMatchObject([
      { type: 'ApprovalDecided', outcome: 'rejected' },
      { type: 'StepFailed', attempt: 1, data: { error: { code: 'EFFECT_UNKNOWN' } } },
    ]);
  });

  it('[C1.3] the word of its own executor goes before: people need not answer any more', () => {
    const item = { kind: 'outcome', stepKey: 'blind#0', attempt: 1, output: 7, at: 1 } as const;
    const events = outcomeEvents(partition.run, 'e1', item, 1, true);
    expect(types(events)).toEqual(['StepCompleted', 'ApprovalWithdrawn']);
  });
});

describe('a question of the workflow', () => {
  const question = { kind: 'approve', stepKey: 'q', name: 'Ship it?', data: { build: 7 } } as const;

  it('[C3.2] is asked under the terms of policy, and answered as it was answered', () => {
    expect(types(say(askAll, question))).toEqual(['StepProposed', 'ApprovalRequested']);
    expect(asked()).toMatchObject({ about: 'question', name: 'Ship it?' });
    const events = answer('bob', 'modify', { action: { build: 6 }, reason: 'older' });
    expect(errorOf(events, 'StepCompleted')).toEqual({
      output: { decision: 'modify', by: 'bob', reason: 'older', action: { build: 6 } },
    });
  });

  it('[C3.2] a rejection is an answer; nobody answering is an error', () => {
    say(askAll, question);
    expect(errorOf(answer('bob', 'reject'), 'StepCompleted')).toEqual({
      output: { decision: 'reject', by: 'bob' },
    });
    say(askAll, { ...question, stepKey: 'q2' });
    partition.now += 60_000;
    expect(types(upkeep())).toEqual(['ApprovalExpired', 'StepFailed']);
  });

  it('[C5.1] a policy that names nobody denies it', () => {
    expect(types(say(() => allow, question))).toEqual(['StepProposed', 'StepDenied']);
  });
});

describe('a patch of the state', () => {
  it('[C3.1] waits for people, and is applied when they agree', () => {
    const patch = [{ op: 'add', path: '/a', value: 1 }];
    expect(types(say(askAll, { kind: 'patch', stepKey: 'p', patch }))).toEqual([
      'StepProposed',
      'ApprovalRequested',
    ]);
    const edit = [{ op: 'add', path: '/a', value: 2 }];
    expect(types(answer('bob', 'modify', { action: edit }))).toEqual(['ApprovalDecided', 'StatePatched']);
    expect(partition.scope().thread).toMatchObject({ state: { a: 2 }, stateVersion: 1 });
    expect(partition.run.open.size).toBe(0);
  });
});

describe('a verdict that transforms', () => {
  const to = (value: Json): PolicyAnswer => ({
    ...allow,
    verdict: 'transform',
    patch: [{ op: 'replace', path: '/amount', value }],
  });
  const cap = may((args) => (canonicalJson(args ?? null) === '{"amount":9}' ? to(5) : allow));

  it('[C5.1] changes the arguments, which are decided once more; the permit carries them', () => {
    const events = say(cap, call('keyed', 'k', { amount: 9 }));
    const [proposed, permit] = events as [EventOf<'StepProposed'>, EventOf<'PermitGranted'>];
    expect(proposed.proposedHash).not.toBe(proposed.actionHash);
    expect(proposed).toMatchObject({ basis: 1, data: { args: { amount: 5 }, proposed: { amount: 9 } } });
    expect(permit).toMatchObject({
      basis: 1,
      actionHash: proposed.actionHash,
      data: { args: { amount: 5 } },
    });
    expect(partition.run.history[0]).toMatchObject({ t: 'proposed', actionHash: proposed.proposedHash });
  });

  it('[C5.1] may ask people, who are shown what would be executed', () => {
    say(
      may((args) => (canonicalJson(args ?? null) === '{"amount":9}' ? to(5) : ask())),
      call('keyed', 'k', { amount: 9 }),
    );
    expect(asked().ask.shown).toMatchObject({ arguments: { amount: 5 } });
    expect(answer('bob', 'approve')[1]).toMatchObject({
      type: 'PermitGranted',
      actionHash: asked().ask.actionHash,
      data: { args: { amount: 5 } },
    });
  });

  it('[C5.1] twice, or to what the schema forbids, is denied', () => {
    expect(
      types(
        say(
          may(() => to(5)),
          call('keyed', 'k', { amount: 9 }),
        ),
      ),
    ).toEqual(['StepProposed', 'StepDenied']);
    const whole = { ...to(5), patch: [{ op: 'replace', path: '', value: 'wrong' }] };
    const events = say(
      may(() => whole),
      call('keyed', 'k2', { amount: 9 }),
    );
    expect(errorOf(events, 'StepDenied')).toMatchObject({ error: { code: 'POLICY_TRANSFORM_INVALID' } });
    const nowhere = { ...to(5), patch: [{ op: 'replace', path: '/no', value: 1 }] };
    expect(
      errorOf(
        say(
          may(() => nowhere),
          call('keyed', 'k3', { amount: 9 }),
        ),
        'StepDenied',
      ),
    ).toMatchObject({
      error: { code: 'POLICY_TRANSFORM_INVALID' },
    });
  });
});
