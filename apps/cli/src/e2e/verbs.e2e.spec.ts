import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isObject } from '@summit/kernel';
import { repositoryRoot } from '@summit/servers';
import { TestStack } from './stack.fixture.ts';

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({ distributed: false });
});
afterAll(() => stack.stop());

interface Ended {
  readonly code: number | null;
  readonly document: Readonly<Record<string, unknown>>;
  readonly stderr: string;
}

/** The command line as a process, with `--json`; `environment` beside the test's own. */
async function summit(args: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
  const main = join(repositoryRoot, 'apps', 'cli', 'src', 'main.ts');
  const all = ['--import', hook, main, ...args, '--json'];
  const child = spawn(process.execPath, all, { env: { ...process.env, ...environment } });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  const document: unknown = JSON.parse(stdout || '{}');
  return { code, document: isObject(document) ? document : {}, stderr };
}

const here = (...args: string[]): Promise<Ended> => summit([...args, '--data', stack.plan.dataDir]);

function steps(label: string, signal: boolean): string {
  return JSON.stringify({ world: stack.world.url, label, steps: 10, sleepMs: 0, signal });
}

async function waiting(label: string): Promise<string> {
  const { document } = await here('run', 'steps', '--input', steps(label, true));
  const runId = String(document['runId']);
  await stack.client.until(runId, ({ waitingFor }) => waitingFor?.[0] === 'signal:go');
  return runId;
}

describe('the command line', () => {
  it('run --follow tells what becomes of a run, on the thread that was named', async () => {
    const done = await here(
      'run',
      'steps',
      '--input',
      steps('cli', false),
      '--thread',
      'my thread',
      '--follow',
    );
    expect(done.document).toMatchObject({ ok: true, status: 'completed', output: 45, threadId: 'my thread' });
    expect(done.code).toBe(0);
    expect(done.stderr).toContain('completed');
    const afterwards = await here('show', String(done.document['runId']), '--follow');
    expect(afterwards.stderr).toContain('world.charge#9 → {"amount":9}');
    expect(afterwards.document).toMatchObject({ ok: true, status: 'completed', output: 45 });
  });

  it('run --message speaks with an agent, on the same thread again', async () => {
    const ask = (...more: string[]): Promise<Ended> =>
      here('run', 'support', '--thread', 'chat', '--message', 'Where is o-1?', ...more);
    expect((await ask()).document).toMatchObject({ ok: true, threadId: 'chat' });
    const { document } = await ask('--follow');
    expect(document).toMatchObject({ status: 'completed', threadId: 'chat' });
    expect(document['output']).toContain('asked me 2 times');
  });

  it('run --follow ends with 1 where the run fails', async () => {
    const failed = await here('run', 'trouble', '--input', '{"what":"throws"}', '--follow');
    expect(failed).toMatchObject({ code: 1, document: { ok: false, error: { code: 'NO_SUCH_ORDER' } } });
  });

  it('signal, pause, resume, show', async () => {
    const runId = await waiting('cli-signal');
    expect(await here('pause', runId)).toMatchObject({ code: 0, document: { runId } });
    expect((await here('show', runId)).document).toMatchObject({ status: 'waiting', waitingFor: ['resume'] });
    expect((await here('signal', runId, 'go', '5')).code).toBe(0);
    expect((await here('resume', runId)).code).toBe(0);
    expect(await stack.client.end(runId)).toMatchObject({ status: 'completed', output: 50 });
  });

  it('[C3.3] state shows the state of a thread, or of a run’s, and corrects it', async () => {
    const runId = await waiting('cli-state');
    expect((await here('state', runId)).document).toMatchObject({ ok: true, version: 0, state: {} });
    const set = await here('state', runId, '--set', '{"note":"x","other":1}');
    expect(set).toMatchObject({ code: 0, document: { version: 1, state: { note: 'x', other: 1 } } });
    const threadId = String(set.document['threadId']);
    const patched = await here('state', threadId, '--set', '[{"op":"remove","path":"/note"}]');
    expect(patched.document).toMatchObject({ version: 2, state: { other: 1 } });
    expect((await here('state', threadId, '--at', '1')).document).toEqual(set.document);
    expect((await here('state', threadId, '--set', 'nope')).code).toBe(2);
    expect(await here('state', threadId, '--set', '{"x":1}', '--as', 'mallory')).toMatchObject({ code: 3 });
    await here('cancel', runId);
  });

  it('cancel', async () => {
    const runId = await waiting('cli-cancel');
    expect((await here('cancel', runId, '--reason', 'enough')).code).toBe(0);
    expect(await stack.client.end(runId)).toMatchObject({ status: 'cancelled' });
  });

  it('a token of the verb acts by SUMMIT_TOKEN at SUMMIT_URL; --as is somebody else', async () => {
    const { document } = await here('token', '--tenant', 'acme', '--user', 'ann', '--role', 'a', 'b');
    expect(document).toMatchObject({ tenant: 'acme', user: 'ann', roles: ['a', 'b'] });
    const environment = { SUMMIT_TOKEN: String(document['token']), SUMMIT_URL: stack.client.url };
    const run = await summit(['run', 'secret', '--input', '{"text":"hi"}', '--follow'], environment);
    expect(run.document).toMatchObject({ ok: true, output: 'hi' });
    const runId = await waiting('cli-as');
    const refused = await here('cancel', runId, '--as', 'mallory');
    expect(refused).toMatchObject({ code: 3, document: { ok: false, error: { code: 'POLICY_DENIED' } } });
    expect(refused.stderr).toContain('POLICY_DENIED');
    await here('cancel', runId);
  });

  it('wrong usage is 2, refusals of the api are 1, no api is said so', async () => {
    expect((await here('run', 'steps', '--input', '{')).document).toMatchObject({
      error: { code: 'WRONG_USAGE' },
    });
    expect((await here('run')).code).toBe(2);
    expect(await here('run', 'nothing')).toMatchObject({
      code: 1,
      document: { error: { code: 'WORKFLOW_UNKNOWN' } },
    });
    expect(await here('show', 'a.b *')).toMatchObject({
      code: 1,
      document: { error: { code: 'RUN_NOT_FOUND' } },
    });
    const nowhere = await summit(['show', 'x', '--data', join(stack.dir, 'nowhere')]);
    expect(nowhere).toMatchObject({ code: 1, document: { error: { code: 'NO_API' } } });
    const gone = await here('show', 'x', '--url', 'http://127.0.0.1:9');
    expect(gone).toMatchObject({ code: 1, document: { error: { code: 'API_UNREACHABLE' } } });
  });
});
