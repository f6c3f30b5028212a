import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject } from '@summit/kernel';
import { repositoryRoot } from '@summit/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const digest = 'a'.repeat(64);
const question = {
  v: 1,
  tenant: 'acme',
  now: 1,
  actor: { kind: 'executor', id: 'e1', roles: [] },
  thread: { id: 't1' },
  run: { id: 'r1', workflow: 'w', version: '1', startedBy: 'alice', steps: 1, attempts: 1 },
  action: {
    kind: 'tool',
    name: 'search',
    effect: 'pure',
    tool: digest,
    registered: true,
    sensitive: false,
    attempt: 1,
    actionHash: digest,
    args: null,
  },
};

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'summit-cli-policy-'));
  mkdirSync(join(directory, 'data'));
  mkdirSync(join(directory, 'rules'));
  writeFileSync(join(directory, 'data', 'data.json'), '{"tenant":{"denied":["search"]}}');
  writeFileSync(join(directory, 'question.json'), JSON.stringify(question));
});
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

/** `summit policy … --json`. */
function policy(...args: string[]): { status: number | null; document: Readonly<Record<string, unknown>> } {
  const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
  const main = join(repositoryRoot, 'apps', 'cli', 'src', 'main.ts');
  const { status, stdout } = spawnSync(
    process.execPath,
    ['--import', hook, main, 'policy', ...args, '--json'],
    {
      cwd: directory,
      encoding: 'utf8',
    },
  );
  const document: unknown = JSON.parse(stdout);
  return { status, document: isObject(document) ? document : {} };
}

describe('summit policy', () => {
  it('builds a directory, signs the bundle, and decides by it', () => {
    expect(policy('build', 'data', '--out', 'own.tar.gz')).toMatchObject({
      status: 0,
      document: { ok: true },
    });
    const signed = policy('sign', 'own.tar.gz', '--data', 'keys');
    expect(signed).toMatchObject({ status: 0, document: { signedBy: expect.any(String) as unknown } });
    expect(policy('eval', '--input', 'question.json').document).toMatchObject({ verdict: 'allow' });
    const denied = policy('eval', '--input', 'question.json', '--bundle', 'own.tar.gz').document;
    expect(denied).toMatchObject({
      verdict: 'deny',
      policy: signed.document['policy'],
      reasons: [expect.stringContaining('take it off there') as unknown],
    });
  });

  it('runs the tests beside the rules, and says which fail', () => {
    writeFileSync(join(directory, 'rules', 'mine.rego'), 'package mine\n\nfour := 2 + 2\n');
    const tests =
      'package mine_test\n\ntest_four if data.mine.four == 4\n\ntest_five if data.mine.four == 5\n';
    writeFileSync(join(directory, 'rules', 'mine_test.rego'), tests);
    expect(policy('test', 'rules')).toEqual({
      status: 1,
      document: { ok: false, passed: 1, failed: ['data.mine_test.test_five'] },
    });
  });

  it.each([
    ['a directory without policies', ['build', 'nothing'], 1, 'NO_POLICIES'],
    ['a bundle that is not there', ['sign', 'nothing.tar.gz'], 1, 'FILE_NOT_FOUND'],
    ['no gateway to push to', ['push', 'question.json', '--data', 'nowhere'], 1, 'NO_POLICY_GATEWAY'],
  ])('says what to do about %s', (_, args, status, code) => {
    expect(policy(...args)).toMatchObject({ status, document: { ok: false, error: { code } } });
  });
});
