import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { canonicalJson, isObject, type Json, sha256 } from '@summit/kernel';
import { repositoryRoot, waitFor } from '@summit/servers';
import { type Client, type Said } from './client.fixture.ts';
import { TestStack } from './stack.fixture.ts';

let stack: TestStack;
let client: Client;
let reviewer: Client;
beforeAll(async () => {
  stack = await TestStack.start();
  client = stack.client;
  reviewer = await stack.as({ user: 'reviewer', roles: ['reviewer'] });
});
afterAll(() => stack.stop());

interface Ended {
  readonly code: number | null;
  readonly document: Readonly<Record<string, unknown>>;
}

/** The command line as a process, with `--json`. */
async function summit(...args: readonly string[]): Promise<Ended> {
  const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
  const main = join(repositoryRoot, 'apps', 'cli', 'src', 'main.ts');
  const all = ['--import', hook, main, ...args, '--data', stack.plan.dataDir, '--json'];
  const child = spawn(process.execPath, all);
  let stdout = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr.resume();
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const document: unknown = JSON.parse(stdout || '{}');
  return { code, document: isObject(document) ? document : {} };
}

interface Asked {
  readonly runId: string;
  readonly approvalId: string;
  readonly actionHash: string;
  readonly shown: Json;
}

/** A run that waits for people. */
async function asked(workflow: string, input: object): Promise<Asked> {
  const started = await client.post('/v1/runs?wait=10', { workflow, input });
  const { runId = '' } = started.body;
  const waiting = await client.until(runId, ({ status }) => status === 'waiting');
  const approvalId = waiting.waitingFor?.[0]?.replace('approval:', '') ?? '';
  const { status, body } = await client.send(`/v1/approvals/${approvalId}`);
  expect(status).toBe(200);
  return { runId, approvalId, actionHash: String(body['actionHash']), shown: body['shown'] as Json };
}
const refund = (label: string, amount = 90): Promise<Asked> =>
  asked('refunded', { world: stack.world.url, label, amount });
const answer = (
  { approvalId, actionHash }: Asked,
  body: object,
  who: Client = reviewer,
): Promise<{ readonly status: number; readonly body: Said }> =>
  who.post(`/v1/approvals/${approvalId}/decisions`, { actionHash, ...body });
const refunds = (label: string): number => stack.world.effects.get(`${label}/0`)?.size ?? 0;

describe('a tool that is marked sensitive, on a whole stack', () => {
  it('[C3.1] [C3.2] stops the run; approved with a lower amount on the command line, it happens once, so', async () => {
    const { runId, approvalId, actionHash, shown } = await refund('modified');
    expect(sha256(canonicalJson(shown))).toBe(actionHash);
    expect(refunds('modified')).toBe(0);

    const listed = await summit('approvals', '--status', 'open');
    expect(listed.document).toMatchObject({ approvals: [{ approvalId, name: 'world.refund', runId }] });
    const seen = await summit('show', approvalId);
    expect(seen.document).toMatchObject({ status: 'open', actionHash, requesters: ['developer'] });

    const done = await summit('approve', approvalId, '--modify', '{"amount":40}', '--reason', 'half');
    expect(done).toMatchObject({ code: 0, document: { ok: true, decision: 'modify', status: 'approved' } });
    expect(await client.end(runId)).toMatchObject({ status: 'completed', output: 40 });
    expect(refunds('modified')).toBe(1);
    const closed = await client.send(`/v1/approvals/${approvalId}`);
    expect(closed.body).toMatchObject({
      status: 'approved',
      answers: [{ by: 'reviewer', decision: 'modify', reason: 'half', action: { amount: 40 } }],
    });
  });

  it('[C3.2] refuses the requester, a stale hash, a second answer, and nonsense', async () => {
    const question = await refund('refused');
    const { approvalId, runId } = question;
    const requester = await stack.as({ user: 'developer', roles: ['reviewer'] });
    const own = await answer(question, { decision: 'approve' }, requester);
    expect(own).toMatchObject({ status: 403, body: { code: 'POLICY_DENIED' } });
    expect(String(own.body['detail'])).toContain('nobody approves what they asked for');
    expect(await summit('approve', approvalId, '--as', 'developer')).toMatchObject({ code: 3 });

    const stale = await summit('approve', approvalId, '--hash', 'a'.repeat(64));
    expect(stale).toMatchObject({ code: 1, document: { error: { code: 'APPROVAL_STALE' } } });
    const stranger = await stack.as({ tenant: 'globex', user: 'eve', roles: ['reviewer'] });
    for (const look of [
      stranger.send(`/v1/approvals/${approvalId}`),
      answer(question, { decision: 'approve' }, stranger),
    ]) {
      expect(await look).toMatchObject({ status: 404, body: { code: 'APPROVAL_NOT_FOUND' } });
    }
    const none = await stranger.send('/v1/approvals');
    expect(none.body['approvals']).toEqual([]);

    const nonsense = [
      { decision: 'perhaps' },
      { decision: 'approve', actionHash: 'short' },
      { decision: 'approve', more: 1 },
      {},
    ];
    for (const body of nonsense) {
      expect(await answer(question, body)).toMatchObject({ status: 400, body: { code: 'INVALID_BODY' } });
    }
    for (const body of [
      { decision: 'modify' },
      { decision: 'approve', action: {} },
      { decision: 'modify', action: { amount: 'much' } },
    ]) {
      const refused = await answer(question, body);
      expect(refused).toMatchObject({ status: 422, body: { code: 'APPROVAL_ACTION_INVALID' } });
      expect(refused.body.next).toBeTruthy();
      expect(refused.body.traceId).toBeTruthy();
    }
    expect((await client.send('/v1/approvals?status=perhaps')).body.code).toBe('INVALID_QUERY');
    expect((await client.send('/v1/approvals/apr_00_nothing')).status).toBe(404);

    expect((await answer(question, { decision: 'abstain' })).status).toBe(200);
    expect(await answer(question, { decision: 'approve' })).toMatchObject({
      status: 403,
      body: { code: 'POLICY_DENIED' },
    });
    const other = await stack.as({ user: 'carol', roles: ['reviewer'] });
    expect((await answer(question, { decision: 'approve' }, other)).status).toBe(200);
    expect(await answer(question, { decision: 'approve' }, other)).toMatchObject({
      status: 409,
      body: { code: 'APPROVAL_CLOSED' },
    });
    expect(await client.end(runId)).toMatchObject({ status: 'completed', output: 90 });
    expect(refunds('refused')).toBe(1);
  });

  it('[C3.2] rejected, it does not happen, and the run is told why', async () => {
    const { approvalId, runId } = await refund('rejected');
    const rejected = await summit('reject', approvalId, '--reason', 'not ours');
    expect(rejected).toMatchObject({ code: 0, document: { status: 'rejected' } });
    const ended = await client.end(runId);
    expect(ended).toMatchObject({ status: 'failed', error: { code: 'APPROVAL_REJECTED' } });
    expect(JSON.stringify(ended.error)).toContain('not ours');
    expect(refunds('rejected')).toBe(0);
  });

  it('[C1.1] [C3.2] outlives the orchestrator and its executors, before the answer and after', async () => {
    const question = await refund('killed');
    stack.kill('orchestrator');
    await stack.back('orchestrator', 1);
    const open = await waitFor(
      async () => {
        const { status, body } = await client.send(`/v1/approvals/${question.approvalId}`);
        return status === 200 ? body : undefined;
      },
      { deadlineMs: 60_000, everyMs: 100 },
    );
    expect(open).toMatchObject({ status: 'open', actionHash: question.actionHash, shown: question.shown });

    stack.world.hold('refund');
    const modified = { decision: 'modify', action: { world: stack.world.url, label: 'killed', amount: 40 } };
    expect((await answer(question, modified)).status).toBe(200);
    await waitFor(() => (stack.world.count('refund', 'killed') > 0 ? true : undefined), {
      deadlineMs: 60_000,
      everyMs: 20,
    });
    stack.kill('executor-1');
    stack.kill('executor-2');
    stack.world.release('refund');
    expect(await client.end(question.runId)).toMatchObject({ status: 'completed', output: 40 });
    expect(refunds('killed')).toBe(1);
  });
});

describe('a workflow that asks', () => {
  it('[C3.2] gets the answer and who gave it', async () => {
    const { approvalId, runId } = await asked('shipped', { build: 7 });
    expect((await summit('approve', approvalId, '--modify', '{"build":6}')).code).toBe(0);
    expect(await client.end(runId)).toMatchObject({
      status: 'completed',
      output: { decision: 'modify', by: 'reviewer', action: { build: 6 } },
    });
  });
});
