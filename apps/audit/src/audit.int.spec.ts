import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type NatsConnection } from '@nats-io/transport-node';
import { JournalWriter } from '@summit/journal';
import { CommitSource } from '@summit/journal/commits.fixture';
import { connectNats, NatsJournalStore } from '@summit/journal-nats';
import { DevelopmentTokens, type RunningService } from '@summit/platform';
import { silentLog } from '@summit/runtime';
import { applyStreams, type NatsServer, startNats, waitFor } from '@summit/servers';
import {
  consistencyProof,
  entryOf,
  leafHash,
  openNote,
  parseCheckpoint,
  parseProof,
  parseVerifierKey,
  type ReadTile,
  rootAt,
  tilePath,
  verifyConsistency,
  verifyInclusion,
} from '@summit/transparency-log';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { auditConfig, serveAudit } from './index.ts';
import { verifyEd25519 } from './keys/log-key.ts';

const headsSchema = z.object({
  heads: z.array(
    z.object({
      partition: z.int(),
      size: z.int(),
      root: z.string(),
      checkpoint: z.string(),
      key: z.string(),
    }),
  ),
});
type Head = z.infer<typeof headsSchema>['heads'][number];
const proofSchema = z.object({
  commitId: z.string(),
  digest: z.string(),
  index: z.int(),
  size: z.int(),
  root: z.string(),
  proof: z.array(z.string()),
  text: z.string(),
  key: z.string(),
});
const rebuiltSchema = z.object({ logs: z.int(), leaves: z.int(), before: z.string(), after: z.string() });

let dir: string;
let server: NatsServer;
let nc: NatsConnection;
let service: RunningService;
let tokens: DevelopmentTokens;
const writers: { readonly writer: JournalWriter; readonly source: CommitSource }[] = [];

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'summit-audit-'));
  server = await startNats({ dataDir: join(dir, 'nats'), name: 'audit' });
  nc = await connectNats(server.url);
  await applyStreams(nc, { partitions: 2 });
  for (const partition of [0, 1]) writers.push(await writerOf(partition));
  service = await serve();
  tokens = new DevelopmentTokens(dir);
});
afterAll(async () => {
  await service.close();
  await nc.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function writerOf(partition: number) {
  const listener = { onDurable: () => undefined, onLost: () => undefined };
  const store = new NatsJournalStore(nc, { partition });
  const writer = await JournalWriter.open({ store, partition, listener, fold: () => undefined });
  return { writer, source: new CommitSource(partition) };
}

/** The audit as a user of the bus who reads journals and nothing else. */
function serve(): Promise<RunningService> {
  const environment = {
    SUMMIT_NATS_URL: server.urlAs('audit'),
    SUMMIT_DATA: dir,
    SUMMIT_PARTITIONS: '2',
    SUMMIT_AUDIT_PORT: '0',
    SUMMIT_AUDIT_ORIGIN: 'audit.example',
  };
  return serveAudit(auditConfig.parse(environment), silentLog);
}

/** Commits in a partition, in groups of what one turn of the event loop brings. */
async function append(partition: number, tenants: readonly string[], times: number): Promise<void> {
  const one = writers[partition];
  for (let i = 0; i < times; i++) {
    for (const tenant of tenants) one?.writer.append(one.source.next(tenant, `r${String(i % 3)}`));
    if (i % 50 === 0) await new Promise(setImmediate);
  }
}

async function get(path: string, tenant = 'acme', init: RequestInit = {}): Promise<Response> {
  const token = await tokens.sign({ tenant, user: 'alice', roles: ['operator'] });
  return fetch(service.url + path, { ...init, headers: { authorization: `Bearer ${token}` } });
}

async function headsOf(tenant = 'acme'): Promise<Head[]> {
  return headsSchema.parse(await (await get(`/log/${tenant}/head`, tenant)).json()).heads;
}

/** The heads, once they cover so many commits in each partition. */
async function covering(sizes: readonly number[], tenant = 'acme'): Promise<Head[]> {
  const look = async (): Promise<Head[] | undefined> => {
    const heads = await headsOf(tenant);
    return heads.map(({ size }) => size).join() === sizes.join() ? heads : undefined;
  };
  const heads = await waitFor(look, { deadlineMs: 30_000, everyMs: 50 });
  if (!heads) throw new Error(`the logs of ${tenant} stand at ${JSON.stringify(await headsOf(tenant))}`);
  return heads;
}

const tilesOf =
  (partition: string): ReadTile =>
  async (tile) => {
    const answer = await get(`/log/acme/${partition}/tile/${tilePath(tile)}`);
    if (!answer.ok) throw new Error(`${tilePath(tile)}: ${await answer.text()}`);
    return new Uint8Array(await answer.arrayBuffer());
  };

/** An id that is longer than any that the runtime makes. */
const LONG = `/v1/proofs/00-${'x'.repeat(900)}-1`;

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('the audit of a journal', () => {
  it('[C5.2] signs a log for each tenant and partition, whose tiles make the root that was signed', async () => {
    await append(0, ['acme', 'blu'], 700);
    await append(1, ['acme'], 300);
    const heads = await covering([700, 300]);
    await covering([700], 'blu');
    for (const { partition, size, root, checkpoint, key } of heads) {
      const text = openNote(checkpoint, [parseVerifierKey(key)], verifyEd25519) ?? '';
      expect(parseCheckpoint(text)).toEqual({
        origin: `audit.example/log/acme/0${String(partition)}`,
        size,
        root: bytes(root),
      });
      expect(await rootAt(size, tilesOf(`0${String(partition)}`))).toEqual(new Uint8Array(bytes(root)));
      const served = await get(`/log/acme/0${String(partition)}/checkpoint`);
      expect([await served.text(), served.headers.get('content-type')]).toEqual([
        checkpoint,
        'text/plain; charset=utf-8',
      ]);
    }
  });

  it('[C5.2] proves any event’s commit, offline and as a C2SP tlog-proof', async () => {
    for (const id of ['00-acme-0.0', '00-acme-699', '01-acme-255.3', '00-acme-256.0']) {
      const proof = proofSchema.parse(await (await get(`/v1/proofs/${id}`)).json());
      const leaf = leafHash(entryOf(proof.digest));
      const { index, size } = proof;
      expect(id.startsWith(proof.commitId)).toBe(true);
      expect(
        verifyInclusion({ leaf, index, size, root: bytes(proof.root), proof: proof.proof.map(bytes) }),
      ).toBe(true);
      const text = parseProof(proof.text);
      const note = openNote(text.checkpoint, [parseVerifierKey(proof.key)], verifyEd25519) ?? '';
      const { root } = parseCheckpoint(note);
      expect(verifyInclusion({ leaf, index: text.index, size, root, proof: text.proof })).toBe(true);
    }
  });

  it('[I8] [C4.3] shows a tenant nothing of another’s: as if it were not there', async () => {
    const paths = [
      '/log/acme/head',
      '/log/acme/00/checkpoint',
      '/log/acme/00/tile/0/000',
      '/log/acme/00/tile/entries/000',
      '/v1/proofs/00-acme-1.0',
    ];
    for (const path of paths) {
      const [own, other] = [await get(path), await get(path, 'blu')];
      const nothing = await get(path.replace('acme', 'nobody').replace('-acme-', '-nobody-'), 'blu');
      expect([own.status, other.status, nothing.status]).toEqual([200, 404, 404]);
      const [said, saidOfNothing] = [
        z.looseObject({}).parse(await other.json()),
        z.looseObject({}).parse(await nothing.json()),
      ];
      expect({ ...said, traceId: '' }).toEqual({ ...saidOfNothing, traceId: '' });
    }
    expect((await fetch(`${service.url}/log/acme/head`)).status).toBe(401);
    expect((await get('/log/_system/head')).status).toBe(404);
  });

  it.each([
    ['a tile wider than tiles are', 400, 'LOG_MALFORMED', '/log/acme/00/tile/0/000.p/300'],
    ['a tile beyond its log', 400, 'LOG_MALFORMED', '/log/acme/00/tile/0/..%2f..%2f000'],
    ['a tile that is not there', 404, 'LOG_NOT_FOUND', '/log/acme/00/tile/0/003'],
    ['a log that is not there', 404, 'LOG_NOT_FOUND', '/log/acme/07/checkpoint'],
    ['a log beyond all logs', 404, 'LOG_NOT_FOUND', '/log/acme/..%2f..%2f/checkpoint'],
    ['a proof of what is not logged', 404, 'NOT_LOGGED', '/v1/proofs/00-acme-5000'],
    ['a proof of nonsense', 404, 'LOG_NOT_FOUND', '/v1/proofs/nonsense'],
    ['a proof of long nonsense', 404, 'LOG_NOT_FOUND', LONG],
  ])('answers %s with %i %s', async (_what, status, code, path) => {
    const answer = await get(path);
    const { code: said, next } = z
      .looseObject({ code: z.string(), next: z.string() })
      .parse(await answer.json());
    expect([answer.status, said, next.length > 0]).toEqual([status, code, true]);
  });

  it('[C1.1] goes on where it was after a restart, and every later tree begins with the earlier one', async () => {
    const [before] = await headsOf();
    await service.close();
    await append(0, ['acme'], 400);
    service = await serve();
    const [after] = await covering([1100, 300]);
    if (!before || !after) throw new Error('no heads');
    const proof = await consistencyProof(before.size, after.size, tilesOf('00'));
    const [oldRoot, root] = [bytes(before.root), bytes(after.root)];
    expect(verifyConsistency({ oldSize: before.size, oldRoot, size: after.size, root, proof })).toBe(true);
  });

  it('[C1.1] goes on after kill -9 of the nats-server', async () => {
    await server.kill('SIGKILL');
    await append(1, ['acme'], 10);
    await server.restart();
    await covering([1100, 310]);
  });

  it('[I7] [P1] makes equal tiles from nothing, for an operator', async () => {
    const answer = await get('/v1/rebuild', 'acme', { method: 'POST' });
    const { before, after, logs, leaves } = rebuiltSchema.parse(await answer.json());
    expect(after).toBe(before);
    expect([logs, leaves]).toEqual([3, 1100 + 700 + 310]);
    const token = await tokens.sign({ tenant: 'acme', user: 'bob', roles: [] });
    const headers = { authorization: `Bearer ${token}` };
    expect((await fetch(`${service.url}/v1/rebuild`, { method: 'POST', headers })).status).toBe(403);
  });

  it('tells how it does', async () => {
    expect(await (await fetch(`${service.url}/healthz`)).json()).toMatchObject({
      status: 'ok',
      partitions: [{ pending: 0 }, { pending: 0 }],
    });
    expect((await fetch(`${service.url}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${service.url}/metrics`)).text()).toContain('summit_audit_leaves 2110');
  });
});
