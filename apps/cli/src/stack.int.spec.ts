import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identityOf, isAlive, type ProcessIdentity, repositoryRoot, waitFor } from '@summit/servers';
import { z } from 'zod';
import { readStackState } from './supervisor/stack-state.ts';

const deadline = { deadlineMs: 20_000, everyMs: 50 };

const document = z.looseObject({
  ok: z.boolean(),
  error: z.looseObject({ code: z.string(), message: z.string(), next: z.string().optional() }).optional(),
  supervisor: z.int().nullish(),
  urls: z.record(z.string(), z.string()).default({}),
  stopped: z.array(z.string()).default([]),
  processes: z
    .array(
      z.looseObject({
        name: z.string(),
        role: z.string(),
        pid: z.int().nullable(),
        health: z.string(),
        restarts: z.int(),
      }),
    )
    .default([]),
});

interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly document: z.infer<typeof document>;
}

let dir: string;
let data: string;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'summit stack '));
  data = join(dir, 'data');
});
afterEach(async () => {
  await summit('down', '--data', data);
  rmSync(dir, { recursive: true, force: true });
});

async function summit(...args: string[]): Promise<Ended> {
  const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
  const main = join(repositoryRoot, 'apps', 'cli', 'src', 'main.ts');
  const child = spawn(process.execPath, ['--import', hook, main, ...args, '--json'], { cwd: dir });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString('utf8')));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr, document: document.parse(JSON.parse(stdout || '{"ok":false}')) };
}

const ready = `console.log(JSON.stringify({ ready: true, name: 'x', url: 'http://127.0.0.1:9' }));setInterval(() => {}, 1e9);`;

/** A file of services; each is a line of JavaScript. */
function services(scripts: Readonly<Record<string, string>>): string {
  const file = join(dir, 'services.json');
  const list = Object.entries(scripts).map(([name, script]) => ({
    name,
    role: 'test',
    command: ['node', '-e', script],
  }));
  writeFileSync(file, JSON.stringify(list));
  return file;
}

function up(file: string): Promise<Ended> {
  return summit('up', '--data', data, '--services', file, '--nats-port', '0', '--only', 'core');
}

function killHard(pid: number | null | undefined): void {
  if (typeof pid !== 'number' || pid <= 0) throw new Error('no such process');
  process.kill(pid, 'SIGKILL');
}

function identities(): ProcessIdentity[] {
  const processes = readStackState(data)?.processes ?? [];
  return processes.flatMap(({ identity }) => (identity ? [identity] : []));
}

describe('summit up', () => {
  it('starts servers, streams and services, says where they are, and down ends them all', async () => {
    const started = await up(services({ one: ready, two: ready }));
    expect(started).toMatchObject({ code: 0, document: { ok: true } });
    expect(started.document.processes.map(({ name, health }) => [name, health])).toEqual([
      ['nats', 'healthy'],
      ['one', 'healthy'],
      ['two', 'healthy'],
    ]);
    const streams = await summit('streams', 'check', '--data', data);
    expect(streams).toMatchObject({ code: 0, document: { ok: true } });
    const running = identities();
    expect(running).toHaveLength(3);
    const stopped = await summit('down', '--data', data);
    expect(stopped.document.stopped).toEqual(['nats', 'one', 'two']);
    expect(running.map(isAlive)).toEqual([false, false, false]);
    expect((await summit('status', '--data', data)).document).toMatchObject({ ok: true, running: false });
  });

  it('gives services their configuration by environment', async () => {
    const names = ['SUMMIT_NATS_URL', 'SUMMIT_DATA', 'SUMMIT_PARTITIONS', 'SUMMIT_API_PORT', 'SUMMIT_TENANT'];
    const checks = `for (const n of ${JSON.stringify(names)}) if (!process.env[n]) throw new Error('no ' + n);`;
    expect((await up(services({ one: checks + ready }))).document.ok).toBe(true);
  });

  it('takes another port when the one of NATS is in use', async () => {
    const taken = createServer();
    const port = await new Promise<number>((resolve) => {
      taken.listen(0, '127.0.0.1', () => {
        const address = taken.address();
        resolve(typeof address === 'object' && address ? address.port : 0);
      });
    });
    const started = await summit(
      'up',
      '--only',
      'core',
      '--data',
      data,
      '--services',
      services({}),
      '--nats-port',
      String(port),
    );
    taken.close();
    expect(started.document.ok).toBe(true);
    expect(started.document.urls['nats']).not.toContain(`:${String(port)}`);
  });

  it('of two at once one starts it, the other finds it', async () => {
    const file = services({ one: ready });
    const both = await Promise.all([up(file), up(file)]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    const [first, second] = both.map((one) => one.document.supervisor);
    expect(first).toBe(second);
  });

  it('fails where a service does not start: says why, names its log, leaves nothing', async () => {
    const failed = await up(
      services({ one: ready, bad: `console.error('no luck today'); process.exit(7);` }),
    );
    expect(failed.code).toBe(1);
    expect(failed.document.error).toMatchObject({
      code: 'SERVER_NOT_READY',
      message: expect.stringMatching(/bad ended at start \(exit status 7\)[^]*no luck today/),
      next: expect.stringContaining(join(data, 'logs', 'bad.log')),
    });
    expect(identities()).toEqual([]);
  });

  it('[C1.1] starts again what dies, on the same port', async () => {
    const started = await up(services({ one: ready }));
    const before = started.document.processes.map(({ pid }) => pid);
    before.forEach(killHard);
    const healthy = await waitFor(async () => {
      const { document: now } = await summit('status', '--data', data);
      const again = now.processes.every(({ health, restarts }) => health === 'healthy' && restarts === 1);
      return again ? now : undefined;
    }, deadline);
    expect(healthy?.urls['nats']).toBe(started.document.urls['nats']);
    expect(healthy?.processes.some(({ pid }) => before.includes(pid))).toBe(false);
  });

  it('leaves nothing when its supervisor is killed, and starts anew on the same data', async () => {
    const file = services({ one: ready });
    const first = await up(file);
    const running = identities();
    killHard(first.document.supervisor);
    const gone = await waitFor(() => (running.some(isAlive) ? undefined : true), deadline);
    expect(gone).toBe(true);
    expect((await summit('status', '--data', data)).document).toMatchObject({ running: false });
    expect((await up(file)).document.ok).toBe(true);
  });

  it('in the foreground ends everything on Ctrl-C', async () => {
    const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
    const main = join(repositoryRoot, 'apps', 'cli', 'src', 'main.ts');
    const args = [
      'up',
      '--only',
      'core',
      '--foreground',
      '--data',
      data,
      '--services',
      services({ one: ready }),
      '--nats-port',
      '0',
    ];
    const child = spawn(process.execPath, ['--import', hook, main, ...args], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const isUp = await waitFor(() => (readStackState(data)?.phase === 'up' ? true : undefined), deadline);
    expect(isUp).toBe(true);
    const running = identities();
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(running.map(isAlive)).toEqual([false, false]);
    expect(identityOf(child.pid ?? 0)).toBeUndefined();
  });
});

describe('Ctrl-C while the stack starts', () => {
  it('leaves no process and no lock behind', async () => {
    const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
    const main = join(repositoryRoot, 'apps', 'cli', 'src', 'main.ts');
    const file = services({ never: 'setInterval(() => {}, 1e9)' });
    const args = ['up', '--data', data, '--services', file, '--nats-port', '0', '--only', 'core'];
    const child = spawn(process.execPath, ['--import', hook, main, ...args], { stdio: 'ignore' });
    const ended = new Promise((resolve) => child.once('exit', resolve));
    const started = join(data, 'pids', 'never.json');
    expect(await waitFor(() => (existsSync(started) ? true : undefined), deadline)).toBe(true);
    const running = identities();
    expect(running).not.toEqual([]);
    child.kill('SIGINT');
    expect(await ended).toBe(1);
    const gone = (): true | undefined => (running.some(isAlive) || existsSync(started) ? undefined : true);
    expect(await waitFor(gone, deadline)).toBe(true);
    expect(existsSync(join(data, 'up.lock'))).toBe(false);
  });
});

describe('the bus of a stack', () => {
  it('[C4.3] takes who comes without a password as a client: no journal, no streams', async () => {
    const started = await up(services({}));
    const url = started.document.urls['nats'] ?? '';
    const check = await summit('streams', 'check', '--url', url);
    expect(check.code).toBe(1);
    expect((await summit('streams', 'check', '--data', data)).code).toBe(0);
  });

  it('keeps passwords off the screen', async () => {
    const started = await up(services({ one: ready.replace('//127', '//user:secret@127') }));
    expect(started.document.urls['one']).toBe('http://127.0.0.1:9');
  });
});

describe('the command line', () => {
  it('answers wrong usage with exit status 2 and a sentence', async () => {
    const wrong = await summit('up', '--partitions', 'many');
    expect((await summit('up', '--data', data, '--only', 'graph')).code).toBe(2);
    expect(wrong.code).toBe(2);
    expect(wrong.document.error).toMatchObject({ code: 'WRONG_USAGE' });
    expect((await summit('no-such-verb')).code).toBe(2);
  });

  it('prints one JSON document on stdout, and lines for people on stderr', async () => {
    const started = await up(services({ one: ready }));
    expect(() => void JSON.parse(started.stdout)).not.toThrow();
    expect(started.stderr).toContain('summit: ');
  });

  it('doctor says which way each component would be got, and downloads nothing', async () => {
    const doctor = await summit('doctor', '--data', data);
    const names = z.array(z.looseObject({ name: z.string() })).parse(doctor.document['findings']);
    expect(names.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['node', 'npm', 'nats-server', 'OPA']),
    );
  });
});
