import { describe, expect, it } from '@jest/globals';
import { type Script, scriptedModel } from '@summit/agents';
import { type Json } from '@summit/kernel';
import { type PolicyInput, policyTwin, twinAllow } from '@summit/policy';
import { type App, defineAgent, defineApp, defineTool } from '@summit/sdk';
import { z } from 'zod';
import { type ApprovalView } from './leader/approval-view.ts';
import { type Answer } from './leader/command.ts';
import { outsideTools } from './outside.fixture.ts';
import { alive, Scene } from './scene.fixture.ts';

const refunds: number[] = [];
const refund = defineTool({
  name: 'payments.refund',
  input: z.object({ cents: z.number() }),
  output: z.object({ refunded: z.number() }),
  effect: 'idempotent',
  execute: ({ cents }) => {
    refunds.push(cents);
    return { refunded: cents };
  },
});

const ask = {
  verdict: 'require_approval',
  reasons: ['it is much'],
  obligations: [{ id: 'a', type: 'approval', params: { quorum: 1, roles: ['reviewer'], ttl_s: 600 } }],
};
/** Refunds above 100 are for people. */
const policy = policyTwin(({ action }: PolicyInput) => {
  const cents = action.kind === 'tool' ? (action.args as { cents: number }).cents : 0;
  return cents > 100 ? ask : twinAllow;
});

const refundOf = (cents: number, id: string) => ({ name: 'payments.refund', arguments: { cents }, id });
/** Asks for two refunds at once, then repeats what it was told. */
const script: Script = ({ messages }) => {
  if (messages.length === 1) return { toolCalls: [refundOf(50, 'small'), refundOf(5000, 'large')] };
  return messages
    .filter(({ role }) => role === 'tool')
    .map(({ content }) => content)
    .join(' ');
};
const app = (said = script, pace = 0): App => {
  const agent = defineAgent({ name: 'support', version: '1', tools: [refund], instructions: '' });
  return defineApp({ name: 'test', agents: [agent], models: { default: scriptedModel(said, { pace }) } });
};

describe('an agent whose call people are asked about', () => {
  const scene = new Scene();

  async function question(): Promise<ApprovalView> {
    let open: ApprovalView | undefined;
    await scene.world.until(() => {
      scene.world.net.leader?.query({ tenant: 'acme', partition: 0 }, (answer) => {
        const all = answer.ok ? (answer.value as unknown as readonly ApprovalView[]) : [];
        open = all.find(({ status }) => status === 'open');
      });
      return open !== undefined;
    });
    if (!open) throw new Error('nobody is asked');
    return open;
  }
  function decide(
    { approvalId, actionHash }: ApprovalView,
    said: { decision: 'approve' | 'reject' | 'modify'; action?: Json; reason?: string },
  ): Promise<Answer> {
    const body = { verb: 'approval.decide', approvalId, actionHash, ...said } as const;
    return scene.world.answer(body, { user: 'bob', roles: ['reviewer'] });
  }
  async function begin(): Promise<string> {
    refunds.length = 0;
    await scene.ready(app(), { policy });
    return scene.world.say('support', 'Refund me');
  }

  it('[C3.1] waits with that call alone, and goes on when it is approved', async () => {
    const runId = await begin();
    const approval = await question();
    await scene.world.pass(500);
    expect(refunds).toEqual([50]);
    await decide(approval, { decision: 'approve' });
    const { output } = await scene.world.ended(runId);
    expect(output).toBe('{"refunded":50} {"refunded":5000}');
    expect(refunds).toEqual([50, 5000]);
  });

  it('[C3.2] is told why it was rejected', async () => {
    const runId = await begin();
    await decide(await question(), { decision: 'reject', reason: 'far too much' });
    const { output } = await scene.world.ended(runId);
    expect(output).toMatch(/"refunded":50.*APPROVAL_REJECTED.*far too much/);
    expect(refunds).toEqual([50]);
  });

  it('[C3.2] does what a person made of it', async () => {
    const runId = await begin();
    await decide(await question(), { decision: 'modify', action: { cents: 90 } });
    expect((await scene.world.ended(runId))['output']).toMatch(
      /^{"refunded":50} {"note":"[^"]+","executedWith":{"cents":90},"result":{"refunded":90}}$/,
    );
    expect(refunds).toEqual([50, 90]);
  });

  it('[C3.2] [C1.1] is told what was executed, by another executor in the same words', async () => {
    const told: string[] = [];
    const slow: Script = (request) => {
      const turn = script(request);
      if (typeof turn === 'string') told.push(turn);
      return turn;
    };
    refunds.length = 0;
    await scene.ready(app(slow, 1000), { policy });
    const runId = await scene.world.say('support', 'Refund me');
    await decide(await question(), { decision: 'modify', action: { cents: 90 } });
    await scene.world.until(() => told.length === 1);
    scene.world.executor('e2', app(slow));
    scene.world.kill('e1');
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: told[0] });
    expect(told).toEqual([told[0], told[0]]);
    expect(told[0]).toContain('"executedWith":{"cents":90}');
    expect(refunds).toEqual([50, 90]);
  });

  it('[C1.1] waits in another executor too', async () => {
    const runId = await begin();
    const approval = await question();
    await scene.world.pass(500);
    scene.world.executor('e2', app());
    scene.world.kill('e1');
    await scene.world.pass(5000);
    await decide(approval, { decision: 'approve' });
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed' });
    expect(refunds).toEqual([50, 5000]);
  });
});

describe('an agent under policy', () => {
  const scene = new Scene();

  it('[C5.1] calls the model, with the tools and the bounds, that policy made of its call', async () => {
    const seen: unknown[] = [];
    const model = (name: string) =>
      scriptedModel(({ tools, maxOutputTokens }) => {
        seen.push({ name, tools: tools.map((tool) => tool.name), maxOutputTokens });
        return `from ${name}`;
      });
    const agent = defineAgent({ name: 'support', version: '1', tools: [refund], instructions: '' });
    const models = { default: model('default'), small: model('small') };
    const served = defineApp({ name: 'test', agents: [agent], models });
    const patch = [
      { op: 'replace', path: '/model', value: 'small' },
      { op: 'replace', path: '/tools', value: [] },
      { op: 'add', path: '/maxOutputTokens', value: 100 },
    ];
    await scene.ready(served, {
      policy: policyTwin(({ action }) =>
        action.kind === 'model' && action.name === 'default'
          ? { ...twinAllow, verdict: 'transform', patch }
          : twinAllow,
      ),
    });
    const runId = await scene.world.say('support', 'Hello');
    expect(await scene.world.ended(runId)).toMatchObject({ output: 'from small' });
    expect(seen).toEqual([{ name: 'small', tools: [], maxOutputTokens: 100 }]);
  });

  it('[C5.1] is told what its tool was called with, where policy changed it', async () => {
    const agent = defineAgent({ name: 'support', version: '1', tools: [refund], instructions: '' });
    const served = defineApp({
      name: 'test',
      agents: [agent],
      models: { default: scriptedModel(script) },
    });
    const patch = [{ op: 'replace', path: '/cents', value: 70 }];
    const isLarge = ({ action }: PolicyInput) =>
      action.kind === 'tool' && (action.args as { cents: number }).cents === 5000;
    await scene.ready(served, {
      policy: policyTwin((input) =>
        isLarge(input) ? { ...twinAllow, verdict: 'transform', patch } : twinAllow,
      ),
    });
    const { output } = await scene.world.ended(await scene.world.say('support', 'Refund me'));
    expect(output).toMatch(/^{"refunded":50} {.*"executedWith":{"cents":70},"result":{"refunded":70}}$/);
  });

  it('[C5.1] never has another conversation put in its place', async () => {
    const agent = defineAgent({ name: 'support', version: '1', instructions: '' });
    const models = { default: scriptedModel(['Never said.']) };
    const patch = [{ op: 'replace', path: '/conversation/digest', value: 'f'.repeat(64) }];
    let asked = 0;
    await scene.ready(defineApp({ name: 'test', agents: [agent], models }), {
      policy: policyTwin(({ action }) =>
        action.kind === 'model' && asked++ === 0 ? { ...twinAllow, verdict: 'transform', patch } : twinAllow,
      ),
    });
    const view = await scene.world.ended(await scene.world.say('support', 'Hello'));
    expect(view).toMatchObject({ status: 'failed', error: { code: 'MODEL_CALL_INVALID' } });
  });

  it('[C1.3] stops where nobody knows what became of an effect', async () => {
    const { blind } = outsideTools(scene.outside, alive());
    const call = { name: 'blind', arguments: { name: 'a', ms: 9000 }, id: 'b' };
    const agent = defineAgent({ name: 'support', version: '1', tools: [blind], instructions: '' });
    const models = { default: scriptedModel([{ toolCalls: [call] }, 'Never said.']) };
    await scene.ready(defineApp({ name: 'test', agents: [agent], models }));
    const runId = await scene.world.say('support', 'Hello');
    const { status, waitingFor } = await scene.world.endedOrUnknown(runId);
    expect(status).toBe('waiting');
    expect(String(waitingFor)).toContain('unknown:blind');
    const calls = scene.world
      .events(runId)
      .filter((one) => one.type === 'StepProposed' && one.kind === 'model');
    expect(calls).toHaveLength(1);
    await scene.world.answer({ verb: 'run.cancel', runId, reason: 'enough' });
    await scene.world.ended(runId);
  });
});
