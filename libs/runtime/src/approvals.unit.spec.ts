import { describe, expect, it } from '@jest/globals';
import { errorRecord, type Json } from '@summit/kernel';
import { type PolicyInput, policyTwin, twinAllow, twinDeny } from '@summit/policy';
import { type App, type Context } from '@summit/sdk';
import { type Answer } from './leader/command.ts';
import { type ApprovalView } from './leader/approval-view.ts';
import { outsideTools } from './outside.fixture.ts';
import { alive, app, Scene } from './scene.fixture.ts';

const scene = new Scene();

/** Amounts above 10 ask; whoever asked, or has answered, or names another hash may not answer. */
function rule({ action, actor, run }: PolicyInput): unknown {
  if (action.kind === 'approval.decide') {
    const own = action.requesters.includes(actor.id) || run?.startedBy === actor.id;
    const eligible = actor.roles.some((role) => action.roles.includes(role));
    return own || !eligible || action.deciders.includes(actor.id) ? twinDeny('not you') : twinAllow;
  }
  if (action.kind === 'approve') return asks(action.quorum ?? 1);
  if (action.kind === 'run.start' && action.args === 'ask first') return asks(1);
  if (action.kind !== 'tool') return twinAllow;
  const { ms } = action.args as { ms: number };
  if (ms === 99)
    return { ...twinAllow, verdict: 'transform', patch: [{ op: 'replace', path: '/ms', value: 5 }] };
  return ms > 10 ? asks(1) : twinAllow;
}
const asks = (quorum: number): unknown => ({
  verdict: 'require_approval',
  reasons: ['it takes long'],
  obligations: [{ id: 'approval', type: 'approval', params: { quorum, roles: ['reviewer'], ttl_s: 60 } }],
});
const options = () => ({ policy: policyTwin(rule) });

function served(body: (ctx: Context, tools: ReturnType<typeof outsideTools>) => Promise<unknown>): App {
  const tools = outsideTools(scene.outside, alive());
  return app((ctx) => body(ctx, tools), Object.values(tools));
}

function looked(query: { approvalId: string } | { partition: number }): Answer | undefined {
  let seen: Answer | undefined;
  scene.world.net.leader?.query({ tenant: 'acme', ...query }, (answer) => {
    seen = answer;
  });
  return seen;
}
function all(): readonly ApprovalView[] {
  const answer = looked({ partition: 0 });
  return answer?.ok === true ? (answer.value as unknown as readonly ApprovalView[]) : [];
}
/** The question that is open, once there is one. */
async function opened(): Promise<ApprovalView> {
  await scene.world.until(() => all().some(({ status }) => status === 'open'));
  const approval = all().find(({ status }) => status === 'open');
  if (!approval) throw new Error('nobody is asked');
  return approval;
}

interface Said {
  readonly user?: string;
  readonly roles?: readonly string[];
  readonly decision?: 'approve' | 'reject' | 'modify' | 'abstain';
  readonly actionHash?: string;
  readonly action?: Json;
  readonly reason?: string;
  readonly tenant?: string;
  readonly commandId?: string;
}
function say(approval: ApprovalView, said: Said = {}): Promise<Answer> {
  const { user = 'bob', roles = ['reviewer'], decision = 'approve', ...rest } = said;
  const { tenant, commandId, actionHash = approval.actionHash, ...more } = rest;
  const { approvalId } = approval;
  const body = { verb: 'approval.decide', approvalId, decision, actionHash, ...more } as const;
  return scene.world.answer(body, {
    user,
    roles,
    ...(tenant !== undefined && { tenant }),
    ...(commandId !== undefined && { commandId }),
  });
}
const codeOf = (answer: Answer): string => (answer.ok ? 'ok' : answer.error.code);
const effects = (): number => [...scene.outside.counts.values()].reduce((sum, n) => sum + n, 0);

describe('a step that policy asks people about', () => {
  const once = () => served((ctx, { once: tool }) => ctx.tool(tool, { name: 'pay', ms: 50 }));

  it('[C3.1] [I3] waits, with nothing done; approved it is done once', async () => {
    await scene.ready(once(), options());
    const runId = await scene.world.start('work', null);
    const approval = await opened();
    await scene.world.pass(1000);
    expect(scene.world.view(runId)).toMatchObject({
      status: 'waiting',
      waitingFor: [`approval:${approval.approvalId}`],
    });
    expect(effects()).toBe(0);
    expect(await say(approval)).toMatchObject({ ok: true, value: { status: 'approved', runId } });
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'pay' });
    expect(effects()).toBe(1);
  });

  it('[C3.2] is done with the arguments as a person edited them', async () => {
    await scene.ready(once(), options());
    const runId = await scene.world.start('work', null);
    await say(await opened(), { decision: 'modify', action: { name: 'less', ms: 20 } });
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'less' });
    expect([...scene.outside.counts]).toEqual([[`less ${runId}`, 1]]);
  });

  it('[C3.2] rejected is an error that the workflow can catch', async () => {
    const tried = served((ctx, { once: tool }) =>
      ctx.tool(tool, { name: 'pay', ms: 50 }).catch((error: unknown) => errorRecord(error).code),
    );
    await scene.ready(tried, options());
    const runId = await scene.world.start('work', null);
    await say(await opened(), { decision: 'reject', reason: 'no' });
    expect(await scene.world.ended(runId)).toMatchObject({
      status: 'completed',
      output: 'APPROVAL_REJECTED',
    });
    expect(effects()).toBe(0);
  });

  it('[C3.2] nobody answers in time: the step is denied, by time alone', async () => {
    await scene.ready(once(), options());
    const runId = await scene.world.start('work', null);
    await opened();
    const ended = await scene.world.ended(runId, 120_000);
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'APPROVAL_EXPIRED' } });
    expect(all()).toMatchObject([{ status: 'expired' }]);
  });

  it('[C3.2] refuses the requester, strangers, a stale hash, a second answer, one too late', async () => {
    await scene.ready(once(), options());
    const runId = await scene.world.start('work', null);
    const approval = await opened();
    expect(codeOf(await say(approval, { user: 'alice' }))).toBe('POLICY_DENIED');
    expect(codeOf(await say(approval, { roles: [] }))).toBe('POLICY_DENIED');
    expect(codeOf(await say(approval, { tenant: 'globex' }))).toBe('APPROVAL_NOT_FOUND');
    expect(codeOf(await say(approval, { actionHash: 'a'.repeat(64) }))).toBe('APPROVAL_STALE');
    expect(codeOf(await say(approval, { decision: 'modify', action: { name: 7 } }))).toBe(
      'APPROVAL_ACTION_INVALID',
    );
    expect(codeOf(await say(approval, { decision: 'abstain' }))).toBe('ok');
    expect(codeOf(await say(approval))).toBe('POLICY_DENIED');
    expect(codeOf(await say({ ...approval, approvalId: 'apr_00_nothing' }))).toBe('APPROVAL_NOT_FOUND');
    const first = await say(approval, { user: 'carol', commandId: 'mine' });
    expect(await say(approval, { user: 'carol', commandId: 'mine' })).toMatchObject({
      ...first,
      repeated: true,
    });
    expect(codeOf(await say(approval, { user: 'dave' }))).toBe('APPROVAL_CLOSED');
    await scene.world.ended(runId);
    expect(codeOf(await say(approval, { user: 'dave' }))).toBe('APPROVAL_CLOSED');
    expect(effects()).toBe(1);
    const denied = scene.world.events().filter(({ type }) => type === 'CommandDenied');
    expect(denied).toHaveLength(3);
  });

  it('[C3.2] who signals a run has a say in it, and does not approve', async () => {
    await scene.ready(once(), options());
    const runId = await scene.world.start('work', null);
    const approval = await opened();
    await scene.world.answer({ verb: 'run.signal', runId, name: 'hint', payload: 1 }, { user: 'bob' });
    expect(codeOf(await say(approval))).toBe('POLICY_DENIED');
    expect(codeOf(await say(approval, { user: 'carol' }))).toBe('ok');
  });

  it('[C1.1] [I6] outlives its leader: the next one shows it, and takes the answer', async () => {
    await scene.ready(once(), options());
    const runId = await scene.world.start('work', null);
    const before = await opened();
    await scene.world.lead();
    expect(await opened()).toEqual(before);
    expect(codeOf(await say(before))).toBe('ok');
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed' });
    expect(effects()).toBe(1);
  });

  it('[C1.3] an answer while no executor is left is kept: the next one does it, as it was edited', async () => {
    await scene.ready(once(), options());
    const runId = await scene.world.start('work', null);
    const approval = await opened();
    scene.world.kill('e1');
    await scene.world.pass(3000);
    expect(codeOf(await say(approval, { decision: 'modify', action: { name: 'less', ms: 20 } }))).toBe('ok');
    expect(scene.types(runId)).not.toContain('PermitGranted');
    scene.world.executor('e2', once());
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'less' });
    expect(effects()).toBe(1);
  });

  it('[C3.2] a cancel takes the question back', async () => {
    await scene.ready(once(), options());
    const runId = await scene.world.start('work', null);
    const approval = await opened();
    await scene.world.answer({ verb: 'run.cancel', runId, reason: '' });
    expect(codeOf(await say(approval))).toBe('APPROVAL_CLOSED');
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'cancelled' });
    expect(looked({ approvalId: approval.approvalId })).toMatchObject({ value: { status: 'withdrawn' } });
  });

  it('[C3.1] the branches beside it go on, and it is waited for by the rest', async () => {
    const both = served(async (ctx, { once: tool, keyed }) => {
      const paid = ctx.branch('pay', () => ctx.tool(tool, { name: 'pay', ms: 50 }));
      const sent = await ctx.branch('send', () => ctx.tool(keyed, { name: 'send', ms: 1 }));
      await ctx.state.patch({ sent });
      return [sent, await paid];
    });
    await scene.ready(both, options());
    const runId = await scene.world.start('work', null);
    const approval = await opened();
    await scene.world.until(() => scene.types(runId).includes('StatePatched'));
    expect(effects()).toBe(1);
    await say(approval);
    expect(await scene.world.ended(runId)).toMatchObject({ output: ['send', 'pay'] });
  });
});

describe('a run that policy asks people about', () => {
  const quick = () => served(() => Promise.resolve('done'));
  const asked = async (): Promise<{ readonly runId: string; readonly approval: ApprovalView }> => {
    await scene.ready(quick(), options());
    const runId = await scene.world.start('work', 'ask first');
    return { runId, approval: await opened() };
  };

  it('[C3.1] waits before it begins, through a change of leaders, and begins when they agree', async () => {
    const { runId, approval } = await asked();
    expect(approval).toMatchObject({ about: 'start', name: 'work', shown: { arguments: 'ask first' } });
    await scene.world.lead();
    await scene.world.pass(3000);
    expect(scene.world.view(runId)).toMatchObject({
      status: 'waiting',
      waitingFor: [`approval:${approval.approvalId}`],
    });
    expect(codeOf(await say(approval, { decision: 'modify', action: 1 }))).toBe('APPROVAL_ACTION_INVALID');
    expect(codeOf(await say(approval))).toBe('ok');
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'done' });
  });

  it('[C3.2] fails when they reject it, or say nothing in time; its thread is free', async () => {
    const { runId, approval } = await asked();
    await say(approval, { decision: 'reject' });
    expect(await scene.world.ended(runId)).toMatchObject({ error: { code: 'APPROVAL_REJECTED' } });
    const late = await scene.world.start('work', 'ask first', 't');
    const next = await scene.world.start('work', 'at once', 't');
    expect(await scene.world.ended(late, 120_000)).toMatchObject({ error: { code: 'APPROVAL_EXPIRED' } });
    expect(await scene.world.ended(next)).toMatchObject({ status: 'completed' });
  });
});

describe('what policy transforms', () => {
  it('[C5.1] is executed as policy put it, in replay too', async () => {
    const twice = served(async (ctx, { keyed }) => {
      const paid = await ctx.tool(keyed, { name: 'pay', ms: 99 });
      await ctx.signal('go', { parse: (value: unknown) => value } as never);
      return paid;
    });
    await scene.ready(twice, options());
    const runId = await scene.world.start('work', null);
    await scene.world.until(() => String(scene.world.view(runId)['waitingFor']) === 'signal:go');
    scene.world.kill('e1');
    scene.world.executor('e2', twice);
    await scene.world.pass(4000);
    await scene.world.answer({ verb: 'run.signal', runId, name: 'go', payload: 1 });
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'pay' });
    const permit = scene.world.events(runId).find(({ type }) => type === 'PermitGranted');
    expect(permit).toMatchObject({ data: { args: { name: 'pay', ms: 5 } } });
  });
});

describe('an effect of which nobody can tell', () => {
  const blind = () => served((ctx, { blind: tool }) => ctx.tool(tool, { name: 'wire', ms: 5 }));
  /** Killed while the effect is under way. */
  async function inDoubt(): Promise<{ readonly runId: string; readonly approval: ApprovalView }> {
    const life = alive();
    const tools = outsideTools(scene.outside, life);
    await scene.ready(
      app((ctx) => ctx.tool(tools.blind, { name: 'wire', ms: 5 }), Object.values(tools)),
      options(),
    );
    const runId = await scene.world.start('work', null);
    await scene.world.until(() => scene.types(runId).includes('PermitGranted'));
    life.dead = true;
    scene.world.kill('e1');
    scene.world.executor('e2', blind());
    return { runId, approval: await opened() };
  }

  it('[C1.3] [I4] is done again when a person says that it never happened', async () => {
    const { runId, approval } = await inDoubt();
    expect(approval).toMatchObject({ about: 'effect', name: 'blind' });
    expect(scene.world.view(runId)['waitingFor']).toEqual([
      'unknown:blind',
      `approval:${approval.approvalId}`,
    ]);
    expect(codeOf(await say(approval))).toBe('ok');
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'wire' });
    expect(effects()).toBe(1);
  });

  it('[C1.3] is taken as a person found it, and not done again', async () => {
    const { runId, approval } = await inDoubt();
    expect(codeOf(await say(approval, { decision: 'modify', action: 'as the bank says' }))).toBe('ok');
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'as the bank says' });
    expect(effects()).toBe(0);
  });

  it('[C1.3] fails when a person gives it up', async () => {
    const { runId, approval } = await inDoubt();
    await say(approval, { decision: 'reject', reason: 'too old' });
    expect(await scene.world.ended(runId)).toMatchObject({ error: { code: 'EFFECT_UNKNOWN' } });
  });
});

describe('a workflow that asks people', () => {
  it('[C3.2] gets what they answered, in replay too', async () => {
    const asking = served(async (ctx) => {
      const answer = await ctx.approve({ title: 'Ship it?', data: { build: 7 }, quorum: 2 });
      await ctx.signal('go', { parse: (value: unknown) => value } as never);
      return answer;
    });
    await scene.ready(asking, options());
    const runId = await scene.world.start('work', null);
    const approval = await opened();
    expect(approval).toMatchObject({
      about: 'question',
      quorum: 2,
      shown: { arguments: { data: { build: 7 } } },
    });
    await say(approval, { decision: 'modify', action: { build: 6 } });
    const amended = await opened();
    expect(amended.shown).toMatchObject({ arguments: { data: { build: 6 } } });
    expect(codeOf(await say(approval, { user: 'carol' }))).toBe('APPROVAL_STALE');
    expect(codeOf(await say(amended, { user: 'carol', reason: 'fine' }))).toBe('ok');
    await scene.world.until(() => String(scene.world.view(runId)['waitingFor']) === 'signal:go');
    scene.world.kill('e1');
    scene.world.executor('e2', asking);
    await scene.world.pass(4000);
    await scene.world.answer({ verb: 'run.signal', runId, name: 'go', payload: 1 });
    expect(await scene.world.ended(runId)).toMatchObject({
      output: { decision: 'modify', by: 'carol', reason: 'fine', action: { build: 6 } },
    });
  });
});
