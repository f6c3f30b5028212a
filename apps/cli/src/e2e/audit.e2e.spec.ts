import { execFile } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { repositoryRoot } from '@summit/servers';
import { z } from 'zod';
import { Client } from './client.fixture.ts';
import { endsOf, signalLoad, startLoad } from './load.fixture.ts';
import { TestStack } from './stack.fixture.ts';

const run = promisify(execFile);

let stack: TestStack;
beforeAll(async () => {
  stack = await TestStack.start({ derived: true });
});
afterAll(() => stack.stop());

interface Said {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
}

/** A verb of the command line on the stack's data directory, with `--json`. */
async function summit(...args: readonly string[]): Promise<Said> {
  const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
  const main = join(repositoryRoot, 'apps', 'cli', 'src', 'main.ts');
  const all = ['--import', hook, main, ...args, '--json', '--data', stack.plan.dataDir];
  const ended = await run(process.execPath, all, { maxBuffer: 1 << 26 }).catch((error: unknown) =>
    z.object({ code: z.number(), stdout: z.string() }).parse(error),
  );
  const body = z.record(z.string(), z.unknown()).parse(JSON.parse(ended.stdout));
  return { status: 'code' in ended ? ended.code : 0, body };
}

const tenantsSchema = z.array(z.object({ tenant: z.string(), commits: z.int(), signed: z.int().optional() }));
const faultsSchema = z.array(
  z.object({
    what: z.string(),
    place: z.object({ commitId: z.string().optional(), offset: z.int(), line: z.int() }).loose(),
  }),
);

describe('the audit of a stack', () => {
  it('[C5.2] [C1.1] covers every commit of a load through which it was killed -9', async () => {
    const runs = await startLoad(stack, stack.client, 30, 'audit');
    stack.kill('audit');
    await signalLoad(stack.client, runs);
    const { wrong } = await endsOf(stack.client, runs);
    expect(wrong).toEqual([]);
    await stack.back('audit', 1);
    const { status, body } = await summit('verify');
    expect(body).toMatchObject({ ok: true, faults: [], partitions: [{ head: true }, { head: true }] });
    expect(status).toBe(0);
    const tenants = tenantsSchema.parse(body['tenants']);
    expect(tenants.every(({ commits, signed }) => commits === signed)).toBe(true);
    expect(tenants.filter(({ tenant }) => tenant === 'acme')).toHaveLength(2);
  });

  it('[C5.1] decides every recorded decision again, to the same bytes', async () => {
    const { body } = await summit('verify');
    const decisions = z
      .object({ same: z.int(), unchecked: z.record(z.string(), z.int()) })
      .parse(body['decisions']);
    expect(decisions.unchecked).toEqual({});
    expect(decisions.same).toBeGreaterThan(300);
  });

  it('[C5.2] names the place of one changed byte of an export', async () => {
    const file = join(stack.dir, 'journal.export');
    const { body: told } = await summit('journal', 'export', '--out', file);
    expect(told).toMatchObject({ ok: true, partitions: 2, heads: 2 });
    expect((await summit('verify', '--journal', file)).body).toMatchObject({ ok: true });
    const bytes = readFileSync(file);
    const at = bytes.lastIndexOf('"type":"StepCompleted"');
    const start = bytes.lastIndexOf('\n', at) + 1;
    const [, index] =
      /"tenantIndex":(\d+)/.exec(bytes.subarray(start, bytes.indexOf('\n', at)).toString()) ?? [];
    bytes[at + 8] = (bytes[at + 8] ?? 0) ^ 1;
    writeFileSync(file, bytes);
    const { status, body } = await summit('verify', '--journal', file);
    expect(status).toBe(1);
    const [fault] = faultsSchema.parse(body['faults']);
    expect(fault?.place).toMatchObject({ offset: start });
    expect(fault?.place.commitId).toMatch(new RegExp(`^0[01]-acme-${index ?? ''}$`));
  });

  it('shows a run’s commits unsealed to who has the keys, and finds them under the signed roots', async () => {
    const input = { text: 'a secret of the audit' };
    const { body: started } = await stack.client.post('/v1/runs?wait=30', { workflow: 'secret', input });
    const { body } = await summit('journal', 'show', started.runId ?? '');
    expect(JSON.stringify(body)).toContain('a secret of the audit');
    expect(JSON.stringify(body)).toContain('RunCompleted');
    const commits = z.array(z.object({ id: z.string() })).parse(body['commits']);
    const { body: verified } = await summit('verify', '--run', started.runId ?? '', '--tenant', 'acme');
    expect(verified).toMatchObject({ ok: true, run: { commits: commits.map(({ id }) => id) } });
    const unknown = await summit('journal', 'show', 'run_00_000000000aaaaaaaa');
    expect([unknown.status, unknown.body['ok']]).toEqual([1, false]);
  });

  it('[I7] [P1] rebuilds the tiles to the same bytes', async () => {
    const { status, body } = await summit('rebuild', 'audit');
    expect([status, body['ok']]).toEqual([0, true]);
    expect(body['after']).toBe(body['before']);
    expect((await summit('verify')).body).toMatchObject({ ok: true });
  });

  it('[I8] gives a tenant’s proofs to that tenant alone', async () => {
    const url = stack.process('audit').url ?? '';
    const paths = ['/v1/proofs/00-acme-0.0', '/log/acme/head', '/log/acme/00/checkpoint'];
    const own = await Client.of(url, stack.plan.dataDir);
    const other = await Client.of(url, stack.plan.dataDir, { tenant: 'other' });
    const token = { headers: { authorization: `Bearer ${own.token}` } };
    expect(await Promise.all(paths.map(async (path) => (await fetch(url + path, token)).status))).toEqual([
      200, 200, 200,
    ]);
    const refused = await Promise.all(paths.map((path) => other.send(path)));
    expect(refused.map(({ status, body }) => [status, body.code])).toEqual(
      paths.map(() => [404, 'LOG_NOT_FOUND']),
    );
  });
});
