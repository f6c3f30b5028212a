/**
 * Restate as it is used: its server and the service of its TypeScript SDK in two processes, called over HTTP with the
 * client that Summit is called with. Its defaults, so its log is synced to disk.
 */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HttpClient } from '../src/http-client.ts';
import { freePort } from './free-port.mjs';
import { check, serve, versionOf } from './serve.mjs';

const platform = `@restatedev/restate-server-${process.platform}-${process.arch}`;
const binary = createRequire(import.meta.url).resolve(`${platform}/bin/restate-server`);

await serve(async () => {
  const dir = mkdtempSync(join(tmpdir(), 'summit-bench-restate-'));
  const ports = {
    ingress: await freePort(),
    admin: await freePort(),
    node: await freePort(),
    service: await freePort(),
  };
  const service = fork(join(import.meta.dirname, 'restate-service.mjs'), [String(ports.service)]);
  await once(service, 'message');
  const server = spawn(binary, ['--base-dir', dir, '--node-name', 'bench'], {
    stdio: 'ignore',
    env: {
      ...process.env,
      RESTATE_LOG_FILTER: 'warn',
      RESTATE_INGRESS__BIND_ADDRESS: `127.0.0.1:${ports.ingress}`,
      RESTATE_ADMIN__BIND_ADDRESS: `127.0.0.1:${ports.admin}`,
      RESTATE_BIND_ADDRESS: `127.0.0.1:${ports.node}`,
      RESTATE_ADVERTISED_ADDRESS: `http://127.0.0.1:${ports.node}`,
      DO_NOT_TRACK: '1',
    },
  });
  const client = new HttpClient(`http://127.0.0.1:${ports.ingress}`);
  const stop = () => {
    client.close();
    service.kill('SIGKILL');
    server.kill('SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 5 });
  };
  process.once('exit', stop);
  await register(`http://127.0.0.1:${ports.admin}/deployments`, `http://127.0.0.1:${ports.service}`);
  const run = async (id, steps) => {
    const { status, text } = await client.post('/bench/seq', steps, { 'idempotency-key': id });
    if (status !== 200) throw new Error(`Restate answered ${status}: ${text}`);
    check(JSON.parse(text), steps);
  };
  return {
    about: {
      versions: {
        'restate-server': versionOf('@restatedev/restate-server'),
        'restate-sdk': versionOf('@restatedev/restate-sdk'),
      },
      setting: 'server and service apart, one node',
      durability: 'log synced to disk (default)',
    },
    subject: { run },
    stop,
  };
});

/** The server answers when it is up and able to reach the service. */
async function register(url, uri) {
  const deadline = Date.now() + 30_000;
  for (;;) {
    const answer = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ uri }),
    }).catch((error) => ({ ok: false, text: async () => String(error) }));
    if (answer.ok) return;
    if (Date.now() > deadline) throw new Error(`Restate did not come up: ${await answer.text()}`);
    await sleep(200);
  }
}
