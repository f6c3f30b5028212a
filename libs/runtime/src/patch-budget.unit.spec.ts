import { describe, expect, it } from '@jest/globals';
import { type Json } from '@summit/kernel';
import { policyTwin, twinAllow } from '@summit/policy';
import { defineTool } from '@summit/sdk';
import { z } from 'zod';
import { app, Scene } from './scene.fixture.ts';

const scene = new Scene();

/** A few operations that make 128 MiB. */
const huge: Record<string, Json>[] = [
  { op: 'add', path: '/a', value: [0] },
  ...Array.from({ length: 25 }, () => [
    { op: 'copy', from: '/a', path: '/b' },
    { op: 'add', path: '/c', value: {} },
    { op: 'move', from: '/a', path: '/c/a' },
    { op: 'move', from: '/b', path: '/c/b' },
    { op: 'move', from: '/c', path: '/a' },
  ]).flat(),
];
const small = [{ op: 'add', path: '/amount', value: 2 }];

const state = async (threadId: string): Promise<unknown> => {
  let heard: unknown;
  scene.world.net.leader?.query({ tenant: 'acme', threadId, state: {} }, (answer) => {
    heard = answer;
  });
  await scene.world.pass(1);
  return (heard as { value: unknown }).value;
};

const asks = policyTwin(({ action }) => {
  if (action.kind !== 'patch') return twinAllow;
  const params = { quorum: 1, roles: ['reviewer'], ttl_s: 60 };
  return {
    verdict: 'require_approval',
    reasons: [],
    obligations: [{ id: 'approval', type: 'approval', params }],
  };
});

describe('a patch that makes a huge state', () => {
  it('is refused to a person, and the state is as it was', async () => {
    await scene.ready(app(() => Promise.resolve(1)));
    await scene.world.answer({ verb: 'thread.create', threadId: 't', state: { amount: 1 } });
    const edit = { verb: 'state.patch', threadId: 't', expectedVersion: 0 } as const;
    const error = { code: 'PATCH_INVALID', message: 'the patch makes more than 1 MiB by copying' };
    expect(await scene.world.answer({ ...edit, patch: huge })).toMatchObject({ ok: false, error });
    expect(await state('t')).toEqual({ threadId: 't', version: 0, state: { amount: 1 } });
    expect(await scene.world.answer({ ...edit, patch: small })).toMatchObject({ ok: true });
    expect(await state('t')).toEqual({ threadId: 't', version: 1, state: { amount: 2 } });
  });

  it('is denied to a run, which goes on', async () => {
    await scene.ready(
      app(async (ctx) => {
        const code = await ctx.state
          .patch(huge)
          .then(() => 'done')
          .catch((error: unknown) => (error as { code: string }).code);
        await ctx.state.patch({ code });
        return ctx.state.get();
      }),
    );
    const runId = await scene.world.start('work', null);
    expect(await scene.world.ended(runId)).toMatchObject({ output: { code: 'PATCH_INVALID' } });
  });

  it('is refused to a person who modifies a patch', async () => {
    await scene.ready(
      app(async (ctx) => {
        await ctx.state.patch({ amount: 1 });
        return ctx.state.get();
      }),
      { policy: asks },
    );
    const runId = await scene.world.start('work', null);
    await scene.world.pass(100);
    const asked = scene.world.events(runId).find(({ type }) => type === 'ApprovalRequested');
    if (asked?.type !== 'ApprovalRequested') throw new Error('nobody is asked');
    const { approval: approvalId, actionHash } = asked;
    const body = { verb: 'approval.decide', approvalId, actionHash, decision: 'modify' } as const;
    const bob = { user: 'bob', roles: ['reviewer'] };
    expect(await scene.world.answer({ ...body, action: huge }, bob)).toMatchObject({
      ok: false,
      error: { code: 'APPROVAL_ACTION_INVALID' },
    });
    expect(await scene.world.answer({ ...body, action: small }, bob)).toMatchObject({ ok: true });
    expect(await scene.world.ended(runId)).toMatchObject({ output: { amount: 2 } });
  });

  it('of arguments is denied, whatever policy says', async () => {
    const tool = defineTool({ name: 't', input: z.any(), output: z.any(), effect: 'once', execute: () => 1 });
    const policy = policyTwin(({ action }) =>
      action.kind === 'tool' ? { ...twinAllow, verdict: 'transform', patch: huge } : twinAllow,
    );
    await scene.ready(
      app((ctx) => ctx.tool(tool, {}), [tool]),
      { policy },
    );
    const runId = await scene.world.start('work', null);
    expect(await scene.world.ended(runId)).toMatchObject({ error: { code: 'POLICY_TRANSFORM_INVALID' } });
  });
});
