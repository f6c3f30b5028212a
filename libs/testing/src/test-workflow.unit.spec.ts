import { describe, expect, it } from '@jest/globals';
import { scriptedModel } from '@summit/agents';
import { type App, type Context, defineAgent, defineApp, defineTool, defineWorkflow } from '@summit/sdk';
import { z } from 'zod';
import { allow, ask, deny, standIn, testWorkflow, type TestOptions } from './index.ts';

const charge = defineTool({
  name: 'charge',
  input: z.object({ cents: z.number() }),
  output: z.object({ id: z.string() }),
  effect: 'idempotent',
  execute: ({ cents }) => ({ id: `real-${String(cents)}` }),
});
const app = (body: (ctx: Context, input: never) => Promise<unknown>): App =>
  defineApp({
    name: 'shop',
    workflows: [
      defineWorkflow({ name: 'work', version: '1', tools: [charge] }, (ctx, input) =>
        body(ctx, input as never),
      ),
    ],
  });
const DAY = 86_400_000;

describe('testWorkflow', () => {
  it('[C1.1] runs a workflow to its end, and tells its steps, its output and the state', async () => {
    const run = await testWorkflow(
      app(async (ctx, { cents }: { cents: number }) => {
        const { id } = await ctx.tool(charge, { cents });
        await ctx.state.patch({ paid: id });
        return id;
      }),
      { input: { cents: 5 }, state: { customer: 'kim' } },
    );
    expect(run).toMatchObject({ status: 'completed', output: 'real-5', error: undefined, waitingFor: [] });
    expect(run.state).toEqual({ customer: 'kim', paid: 'real-5' });
    expect(run.steps).toMatchObject([
      { key: 'charge#0', kind: 'tool', name: 'charge', attempts: 1, result: { output: { id: 'real-5' } } },
      { key: 'state#0', kind: 'patch' },
    ]);
  });

  it('skips the time of sleeps, and the run sees that it passed', async () => {
    const run = await testWorkflow(
      app(async (ctx) => {
        const before = ctx.now();
        await ctx.all([ctx.sleep('1h'), ctx.sleep('3d')]);
        return ctx.now() - before;
      }),
    );
    expect(run.output).toBeGreaterThanOrEqual(3 * DAY);
    expect(run.output).toBeLessThan(3 * DAY + 10_000);
    expect(run.tookMs).toBeGreaterThanOrEqual(3 * DAY);
  });

  it('tries a tool again after its intervals, without waiting for them', async () => {
    let tries = 0;
    const flaky = standIn(charge, ({ cents }) => {
      if (++tries < 4) throw new Error('busy');
      return { id: `stood-${String(cents)}` };
    });
    const run = await testWorkflow(
      app((ctx) => ctx.tool(charge, { cents: 1 })),
      { tools: [flaky] },
    );
    expect(run).toMatchObject({ status: 'completed', output: { id: 'stood-1' } });
    expect(run.steps).toMatchObject([{ attempts: 4 }]);
  });

  it('sends the signals it is given in order; without one, time passes until the wait gives up', async () => {
    const body = app(async (ctx) => {
      const first = await ctx.signal('go', z.number());
      const second = await ctx.signal('go', z.number());
      const third = await ctx
        .signal('go', z.number(), { timeout: '7d' })
        .catch((error: unknown) => String(error));
      return [first, second, third];
    });
    const run = await testWorkflow(body, { signals: { go: [1, 2] } });
    expect(run.output).toMatchObject([1, 2, expect.stringContaining('go')]);
    expect(run.tookMs).toBeGreaterThanOrEqual(7 * DAY);
  });

  it('gives back a run that waits for what nobody brings', async () => {
    const run = await testWorkflow(app((ctx) => ctx.signal('go', z.number())));
    expect(run).toMatchObject({ status: 'waiting', waitingFor: ['signal:go'] });
    expect(run.steps).toMatchObject([{ key: 'go#0', result: undefined }]);
  });

  it('[C3.2] asks whom policy asks, and does what they agreed to', async () => {
    const policies: TestOptions['policies'] = ({ action }) =>
      action.kind === 'tool' ? ask('it is much', { roles: ['boss'], quorum: 2 }) : allow;
    const body = app((ctx) => ctx.tool(charge, { cents: 900 }));
    const run = await testWorkflow(body, { policies, approve: () => ({ decision: 'approve' }) });
    expect(run).toMatchObject({ status: 'completed', output: { id: 'real-900' } });
    expect(run.asked).toMatchObject([
      { name: 'charge', reasons: ['it is much'], roles: ['boss'], arguments: { cents: 900 } },
    ]);
    const alone = await testWorkflow(body, { policies });
    expect(alone).toMatchObject({ status: 'failed', error: { code: 'APPROVAL_EXPIRED' } });
  });

  it('decides by the policy of development where none is given, or by a rule', async () => {
    const denied = await testWorkflow(
      app((ctx) => ctx.tool(charge, { cents: 1 })),
      { policies: ({ action }) => (action.kind === 'tool' ? deny('not today') : allow) },
    );
    expect(denied).toMatchObject({ status: 'failed', error: { code: 'POLICY_DENIED' } });
    await expect(
      testWorkflow(
        app(() => Promise.resolve(1)),
        { policies: ({ action }) => (action.kind === 'run.start' ? deny('closed') : allow) },
      ),
    ).rejects.toMatchObject({
      code: 'POLICY_DENIED',
    });
  });

  it('[C4.1] an agent talks to the model it is given; its stand-ins are called by agents within it too', async () => {
    const clerk = defineAgent({ name: 'clerk', version: '1', tools: [charge], instructions: 'Charge.' });
    const desk = defineWorkflow({ name: 'desk', version: '1', tools: [charge] }, (ctx) =>
      ctx.agent(clerk, 'five, please'),
    );
    const model = scriptedModel([{ toolCalls: [{ name: 'charge', arguments: { cents: 5 } }] }, 'Done.']);
    const called: number[] = [];
    const stood = standIn(charge, ({ cents }) => {
      called.push(cents);
      return { id: 'stood' };
    });
    const shop = defineApp({ name: 'shop', workflows: [desk], agents: [clerk] });
    for (const [workflow, message] of [['desk'], ['clerk', 'five, please']] as const) {
      const given = { models: { default: model }, tools: [stood], ...(message && { message }) };
      expect(await testWorkflow(shop, { workflow, ...given })).toMatchObject({
        status: 'completed',
        output: 'Done.',
      });
    }
    expect(called).toEqual([5, 5]);
  });

  it('[C1.4] finds code that does not follow its own history', async () => {
    let lives = 0;
    const other = app(async (ctx) => {
      lives += 1;
      await ctx.tool(charge, { cents: lives });
    });
    await expect(testWorkflow(other)).rejects.toMatchObject({ code: 'RUN_DIVERGED' });
    let n = 0;
    await expect(testWorkflow(app(() => Promise.resolve(++n)))).rejects.toMatchObject({
      code: 'RUN_DIVERGED',
    });
  });

  it('says what is open where a run takes too long', async () => {
    const hung = standIn(charge, () => new Promise(() => undefined));
    const body = app((ctx) => ctx.tool(charge, { cents: 1 }));
    await expect(testWorkflow(body, { tools: [hung], deadlineMs: 300 })).rejects.toMatchObject({
      code: 'TEST_TIMED_OUT',
      message: expect.stringContaining('charge#0 (permitted)'),
    });
  });

  it('refuses what it can not start', async () => {
    await expect(
      testWorkflow(
        app(() => Promise.resolve(1)),
        { workflow: 'other' },
      ),
    ).rejects.toMatchObject({ code: 'WORKFLOW_UNKNOWN' });
    const strict = defineWorkflow({ name: 'strict', version: '1', input: z.object({ n: z.number() }) }, () =>
      Promise.resolve(1),
    );
    const one = defineApp({ name: 'one', workflows: [strict] });
    await expect(testWorkflow(one, { input: { n: 'x' } })).rejects.toMatchObject({ code: 'INPUT_INVALID' });
  });
});
