/** What the foundation is done when it does: one demo is played and kept, then looked at from all sides. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isAlive } from '@summit/servers';
import { z } from 'zod';
import { natsDataDir } from '../supervisor/stack-servers.ts';
import { readStackState, type StackState } from '../supervisor/stack-state.ts';
import { filesWith, plantAt } from './stored-files.fixture.ts';
import { type Ended, summit } from './verb.fixture.ts';

/** With servers to fetch, on a machine that has other work. */
const DEMO_MS = 600_000;
const MAIL = 'we have refunded 45.00 EUR';

let demo: Ended;
let dataDir: string;
beforeAll(async () => {
  demo = await summit(['demo', '--keep']);
  const kept = z.object({ dataDir: z.string() }).safeParse(demo.document);
  if (!kept.success) throw new Error(`the demo left no stack: ${demo.stderr.slice(-4000)}`);
  ({ dataDir } = kept.data);
}, DEMO_MS);
afterAll(async () => {
  if (!dataDir) return;
  await here('down');
  rmSync(dataDir, { recursive: true, force: true });
});

/** A verb on the stack that was kept. */
const here = (...args: string[]): Promise<Ended> => summit([...args, '--data', dataDir]);

function state(): StackState {
  const found = readStackState(dataDir);
  if (!found) throw new Error('nothing runs');
  return found;
}

const urlOf = (name: string): string => state().processes.find((one) => one.name === name)?.url ?? '';

const count = expect.any(Number) as unknown;
const text = expect.any(String) as unknown;

describe('summit demo', () => {
  it('[C1.1] [C1.3] [C3.2] ends right through a crash: one refund of the lowered amount, one mail', () => {
    expect(demo.code).toBe(0);
    expect(demo.document).toEqual({
      ok: true,
      runId: expect.stringMatching(/^run_/) as unknown,
      threadId: text,
      tenant: 'acme',
      steps: count,
      killed: { executor: 1 },
      effects: { refunds: 1, emails: 1 },
      approval: { id: expect.stringMatching(/^apr_/) as unknown, decision: 'modify', modified: true },
      journal: { partitions: 1, groups: count, commits: count, events: count },
      audit: { treeSize: count, verified: true },
      provenance: { nodes: count, edges: count },
      projections: { postgres: { lag: 0 }, neo4j: { lag: 0 } },
      urls: { api: urlOf('api'), console: null, neo4jBrowser: text },
      ms: { total: count, resume: count },
      dataDir,
    });
  });

  it('[C1.3] the shop’s own books say so too', async () => {
    const { refunds, mails } = z
      .object({
        refunds: z.array(z.object({ amountCents: z.int() })),
        mails: z.array(z.object({ body: z.string() })),
      })
      .parse(await (await fetch(`${urlOf('shop')}/books`)).json());
    expect(refunds.map(({ amountCents }) => amountCents)).toEqual([4500]);
    expect(mails).toHaveLength(1);
    expect(mails[0]?.body).toContain(MAIL);
  });

  it('[C5.2] tells in figures what the journal holds, and signed leaves cover it', async () => {
    const { document } = await here('verify');
    const { journal, audit } = z
      .object({
        journal: z.object({ groups: z.int(), commits: z.int(), events: z.int() }),
        audit: z.object({ treeSize: z.int() }),
      })
      .parse(demo.document);
    const { partitions, tenants } = z
      .object({
        ok: z.literal(true),
        partitions: z.tuple([z.object({ groups: z.int(), commits: z.int() })]),
        tenants: z.array(z.object({ tenant: z.string(), signed: z.int() })),
      })
      .parse(document);
    // An executor that comes back says so in the journal, so it may have grown since.
    expect(partitions[0].groups).toBeGreaterThanOrEqual(journal.groups);
    expect(partitions[0].commits).toBeGreaterThanOrEqual(journal.commits);
    expect(journal.events).toBeGreaterThan(journal.commits);
    expect(audit.treeSize).toBeGreaterThan(10);
    expect(tenants.find(({ tenant }) => tenant === 'acme')?.signed).toBeGreaterThanOrEqual(audit.treeSize);
  });
});

describe('what a demo leaves', () => {
  it('[C5.2] an export verifies; with one byte changed the place is named', async () => {
    const file = join(dataDir, 'journal.export');
    expect((await here('journal', 'export', '--out', file)).document).toMatchObject({ ok: true, heads: 1 });
    const sound = await here('verify', '--journal', file);
    expect(sound).toMatchObject({ code: 0, document: { ok: true, faults: [] } });
    const { start, tenantIndex } = changeOneByte(file);
    const { code, document } = await here('verify', '--journal', file);
    expect(code).toBe(1);
    expect(document).toMatchObject({
      ok: false,
      faults: [{ place: { offset: start, commitId: `00-acme-${tenantIndex}` } }],
    });
  });

  it.each(['read-models', 'graph', 'audit'])(
    '[P1] rebuild %s drops it, and makes the same from the journal',
    async (what) => {
      const { code, document, stderr } = await here('rebuild', what);
      expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
      expect(document['ok']).toBe(true);
      expect(digestOf(document['after'])).toBe(digestOf(document['before']));
    },
  );

  it('[I9] the mail’s text stands in no file of the store of NATS, and the search finds what is in clear', async () => {
    const store = natsDataDir(dataDir);
    await plantAt(urlOf('nats'), dataDir, 'm4rk3r-in-clear');
    expect(filesWith('m4rk3r-in-clear', store)).not.toEqual([]);
    expect(filesWith(MAIL, store)).toEqual([]);
  });

  it('down leaves no process', async () => {
    const { supervisor, processes } = state();
    const all = [supervisor, ...processes.flatMap(({ identity }) => (identity ? [identity] : []))];
    expect(all.length).toBeGreaterThan(10);
    expect(all.filter(isAlive)).toEqual(all);
    expect(await here('down')).toMatchObject({ code: 0, document: { ok: true } });
    expect(all.filter(isAlive)).toEqual([]);
    expect(readStackState(dataDir)).toBeUndefined();
  });
});

/** In a commit of the demo's tenant; answers where its line begins, and which of the tenant's commits it is. */
function changeOneByte(file: string): { start: number; tenantIndex: string } {
  const bytes = readFileSync(file);
  const at = bytes.lastIndexOf('"type":"StepCompleted"');
  const start = bytes.lastIndexOf('\n', at) + 1;
  const line = bytes.subarray(start, bytes.indexOf('\n', at)).toString();
  const [, tenantIndex = ''] = /"tenantIndex":(\d+)/.exec(line) ?? [];
  bytes[at + 8] = (bytes[at + 8] ?? 0) ^ 1;
  writeFileSync(file, bytes);
  return { start, tenantIndex };
}

/** Some say a digest, some a digest with what it is of. */
function digestOf(side: unknown): string {
  return z
    .union([z.string(), z.object({ digest: z.string() }).transform(({ digest }) => digest)])
    .parse(side);
}
