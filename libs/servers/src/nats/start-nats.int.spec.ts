import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { identityOf, isAlive, type ProcessIdentity } from '../process/identity.ts';
import { waitFor } from '../process/wait-for.ts';
import { readServerSettings } from '../streams/server-settings.ts';
import { natsOptions } from './nats-url.ts';
import { type NatsServer, startNats } from './start-nats.ts';
import type { NatsUser } from './nats-config.ts';

const deadline = { deadlineMs: 15_000 };
let dir: string;
let servers: NatsServer[];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'summit nats '));
  servers = [];
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(dir, { recursive: true, force: true });
});

async function start(name = 'a', port?: number): Promise<NatsServer> {
  const server = await startNats({ dataDir: join(dir, name), ...(port !== undefined && { port }) });
  servers.push(server);
  return server;
}

async function withConnection<T>(url: string, work: (nc: NatsConnection) => Promise<T>): Promise<T> {
  const nc = await connect({ ...natsOptions(url), ignoreAuthErrorAbort: true });
  try {
    return await work(nc);
  } finally {
    await nc.close();
  }
}

function identity(pid: number | undefined): ProcessIdentity {
  const found = pid === undefined ? undefined : identityOf(pid);
  if (!found) throw new Error('no such process');
  return found;
}

const gone = (one: ProcessIdentity) => (): true | undefined => (isAlive(one) ? undefined : true);

describe('a nats-server', () => {
  it('[C1.1] has every acknowledged message after kill -9 and a restart on the same port', async () => {
    const server = await start();
    const { url } = server;
    await withConnection(url, async (nc) => {
      const jsm = await jetstreamManager(nc);
      await jsm.streams.add({ name: 'KEPT', subjects: ['kept'] });
      const ack = await jetstream(nc).publish('kept', 'a');
      expect(ack.seq).toBe(1);
    });
    await server.kill('SIGKILL');
    expect(server.pid).toBeUndefined();
    await server.restart();
    expect(server.url).toBe(url);
    await withConnection(url, async (nc) => {
      const { state } = await (await jetstreamManager(nc)).streams.info('KEPT');
      expect(state.messages).toBe(1);
    });
  });

  it('says that it syncs every write, over an ordinary connection', async () => {
    const server = await start();
    const settings = await withConnection(server.url, readServerSettings);
    expect(settings).toEqual([
      { server: 'nats', version: server.version, syncAlways: true, syncInterval: 'always' },
    ]);
  });

  it('takes another port when the wanted one is in use', async () => {
    const first = await start('a', 0);
    const port = Number(new URL(first.url).port);
    const second = await start('b', port);
    expect(second.url).not.toBe(first.url);
    await withConnection(second.url, async (nc) => {
      expect(nc.info?.server_name).toBe('nats');
    });
  });

  it('is not started twice on one directory', async () => {
    const first = await start();
    await expect(start()).rejects.toMatchObject({ code: 'DATA_DIR_IN_USE' });
    expect(identity(first.pid).pid).toBe(first.pid);
  });

  it('that can not start: the error has the end of its log and names the file; nothing stays', async () => {
    const dataDir = join(dir, 'wrong');
    const wrong = startNats({ dataDir, config: 'no_such_setting: 1' });
    await expect(wrong).rejects.toMatchObject({
      code: 'SERVER_NOT_READY',
      message: expect.stringContaining('no_such_setting'),
      next: expect.stringContaining(join(dataDir, 'nats-server.log')),
    });
    expect(existsSync(join(dataDir, 'nats.process.json'))).toBe(false);
  });
});

describe('when the process that started it dies', () => {
  const index = new URL('../index.ts', import.meta.url).href;

  /** A process that starts a server, says its pid, and goes on. */
  async function parent(): Promise<{ parent: number; server: ProcessIdentity }> {
    const script = `
      const { startNats } = await import(${JSON.stringify(index)});
      const server = await startNats({ dataDir: ${JSON.stringify(join(dir, 'a'))} });
      console.log(server.pid);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    if (child.pid === undefined) throw new Error('no parent');
    return { parent: child.pid, server: identity(Number(line.toString('utf8'))) };
  }

  /** The watchdog of a server, by its command line. */
  const watchdogOf = (pid: number): string =>
    readFileSync(`/proc/${String(pid)}/cmdline`, 'utf8').replaceAll('\0', ' ');

  it.each(['SIGKILL', 'SIGINT', 'SIGTERM'] as const)('by %s, the server ends', async (signal) => {
    const { parent: pid, server } = await parent();
    process.kill(pid, signal);
    expect(await waitFor(gone(server), deadline)).toBe(true);
    const left = (): true | undefined => (existsSync(join(dir, 'a', 'nats.process.json')) ? undefined : true);
    expect(await waitFor(left, deadline)).toBe(true);
  });

  it('together with the watchdog, the next start on the directory ends the server', async () => {
    const { parent: pid, server } = await parent();
    const watchdog = childrenOf(pid).find((child) => watchdogOf(child).includes('summit-watchdog'));
    if (watchdog === undefined) throw new Error('no watchdog');
    process.kill(watchdog, 'SIGKILL');
    process.kill(pid, 'SIGKILL');
    expect(await waitFor(gone(identityOrDead(pid)), deadline)).toBe(true);
    expect(isAlive(server)).toBe(true);
    const next = await start();
    expect(isAlive(server)).toBe(false);
    expect(next.pid).not.toBe(server.pid);
  });

  function identityOrDead(pid: number): ProcessIdentity {
    return identityOf(pid) ?? { pid, started: 'dead' };
  }

  function childrenOf(pid: number): number[] {
    const children = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8');
    return children.trim().split(' ').map(Number);
  }
});

describe('rights on the bus', () => {
  /** Whether a message of that user gets through to a subscriber who may hear everything. */
  async function getsThrough(server: NatsServer, user: NatsUser, subject: string): Promise<boolean> {
    return withConnection(server.url, (listener) =>
      withConnection(server.urlAs(user), async (speaker) => {
        const heard: string[] = [];
        listener.subscribe(subject, { callback: (_, message) => void heard.push(message.subject) });
        await listener.flush();
        speaker.publish(subject, '{}');
        await speaker.flush();
        await listener.flush();
        return heard.length > 0;
      }),
    );
  }

  it.each(['executor', 'api', 'gateway', 'audit', 'reader', 'developer', 'nobody'] as const)(
    '[C4.3] %s can not write the journal',
    async (user) => {
      expect(await getsThrough(await start(), user, 'summit.journal.00.0001')).toBe(false);
    },
  );

  it.each(['orchestrator', 'executor', 'api', 'audit', 'reader', 'developer', 'nobody'] as const)(
    '[C5.1] %s can not order by which bundle is decided',
    async (user) => {
      expect(await getsThrough(await start(), user, '$O.SUMMIT_BUNDLES.M.order')).toBe(false);
    },
  );

  it('the policy-gateway can', async () => {
    expect(await getsThrough(await start(), 'gateway', '$O.SUMMIT_BUNDLES.M.order')).toBe(true);
  });

  it('an orchestrator can', async () => {
    expect(await getsThrough(await start(), 'orchestrator', 'summit.journal.00.0001')).toBe(true);
  });

  it('[C4.3] a developer sends commands under no other name', async () => {
    const server = await start();
    expect(await getsThrough(server, 'developer', 'summit.cmd.acme.developer.run.start')).toBe(true);
    expect(await getsThrough(server, 'developer', 'summit.cmd.acme.alice.run.start')).toBe(false);
    expect(await getsThrough(server, 'developer', 'summit.cmd.other.developer.run.start')).toBe(false);
  });

  it('[C4.3] a wrong password is no user', async () => {
    const server = await start();
    const url = server.urlAs('executor').replace(/:[0-9a-f]{32}@/, ':wrong@');
    await expect(connect({ ...natsOptions(url), reconnect: false })).rejects.toThrow();
  });
});
