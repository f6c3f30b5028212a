import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Neo4jServer, startNeo4j, waitFor } from '@summit/servers';
import { endsOf, signalLoad, startLoad } from './load.fixture.ts';
import { GraphClient } from './lineage.fixture.ts';
import { TestStack } from './stack.fixture.ts';
import { summitText } from './verb.fixture.ts';

const GONE_MS = 30_000;
const RUNS = 30;

let dir: string;
let neo4j: Neo4jServer;
let stack: TestStack;
let graph: GraphClient;

/** The services apart, on a Neo4j of the test's own that nobody brings back but the test. */
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'summit-e2e-graph-'));
  neo4j = await startNeo4j({ dataDir: dir, heapMb: 256 });
  process.env['SUMMIT_NEO4J_URL'] = neo4j.url.replace('//', `//${neo4j.user}:${neo4j.password}@`);
  try {
    stack = await TestStack.start({ derived: true });
  } finally {
    delete process.env['SUMMIT_NEO4J_URL'];
  }
  graph = await GraphClient.of(stack);
}, 600_000);
afterAll(async () => {
  await (stack as TestStack | undefined)?.stop();
  await (neo4j as Neo4jServer | undefined)?.stop();
  rmSync(dir, { recursive: true, force: true });
});

async function runOf(label: string): Promise<string> {
  const input = { world: stack.world.url, label, steps: 3, sleepMs: 0, signal: false };
  const { body } = await stack.client.post('/v1/runs?wait=30', { workflow: 'steps', input });
  expect(body).toMatchObject({ status: 'completed' });
  return body.runId ?? '';
}

describe('lineage', () => {
  it('[C5.3] of a run: who asked for it, its tool calls, the decisions, and the code it follows', async () => {
    const runId = await runOf('lineage');
    const { nodes, edges } = await graph.whole(runId);
    const kinds = nodes.map(({ kind }) => kind);
    for (const kind of ['User', 'Organisation', 'Executor', 'PolicyEngine', 'Policy', 'Workflow', 'Input']) {
      expect(kinds.filter((one) => one === kind)).toHaveLength(1);
    }
    expect(kinds.filter((kind) => kind === 'Attempt')).toHaveLength(3);
    expect(kinds.filter((kind) => kind === 'Result')).toHaveLength(3);
    const run = `acme/run/${runId}`;
    const told = edges.map(({ from, relation, to }) => `${from} ${relation} ${to}`);
    expect(told).toContain(`${run}/output WAS_GENERATED_BY ${run}`);
    expect(told).toContain(`${run}/step/0/result WAS_GENERATED_BY ${run}/step/0/attempt/1`);
    const started = nodes.find(({ kind, facts }) => kind === 'Decision' && facts['verdict'] === 'allow');
    expect(told).toContain(`${run} USED ${started?.id ?? ''}`);
    for (const attempt of nodes.filter(({ kind }) => kind === 'Attempt')) {
      expect(attempt.facts).toMatchObject({ name: 'world.charge', verdict: 'allow' });
    }
  });

  it('[C3.2] of what people agreed to is told by its name, and who agreed by a surrogate', async () => {
    const input = { world: stack.world.url, label: 'agreed', amount: 90 };
    const { body } = await stack.client.post('/v1/runs?wait=30', { workflow: 'refunded', input });
    const path = `/v1/approvals/${body.waitingFor?.[0]?.replace('approval:', '') ?? ''}`;
    const { actionHash } = (await stack.client.send(path)).body;
    const reviewer = await stack.as({ user: 'reviewer', roles: ['reviewer'] });
    const answer = { decision: 'approve', actionHash };
    expect((await reviewer.post(`${path}/decisions`, answer)).status).toBe(200);
    const { nodes } = await graph.whole(body.runId ?? '');
    const attempts = nodes.filter(({ kind }) => kind === 'Attempt').map(({ facts }) => facts);
    expect(attempts).toMatchObject([
      { name: 'world.refund', stepKind: 'tool', effect: 'idempotent', attempt: 1 },
    ]);
    const text = await summitText(['lineage', body.runId ?? '', '--data', stack.plan.dataDir]);
    expect(text).toMatch(/WAS_GENERATED_BY Attempt world\.refund \[/);
    expect(text).toMatch(/WAS_ASSOCIATED_WITH \(approver\) User user [0-9a-f]{8} /);
    expect(text).toContain('People go by surrogates');
    expect(text).not.toMatch(/developer|reviewer|Attempt step/);
  });

  it('[C4.4] names for each node and edge the event that caused it; [I9] and shows no payload', async () => {
    const { nodes, edges } = await graph.whole(await runOf('a-telling-label'));
    for (const { event, tenant } of [...nodes, ...edges]) {
      expect(event).toMatch(/^\d{2}-acme-\d+\.\d+$/);
      expect(tenant).toBe('acme');
    }
    expect(JSON.stringify([nodes, edges])).not.toMatch(/a-telling-label|developer|http:/);
    expect((await graph.metrics()).get('summit_graph_lost_total')).toBe(0);
  });

  it('[C5.3] is told in every notation', async () => {
    const runId = await runOf('notations');
    await graph.whole(runId);
    const said = async (format: string): Promise<string> => {
      const answer = await graph.ask(`/v1/lineage/${runId}?format=${format}`);
      expect(answer.status).toBe(200);
      return answer.text();
    };
    expect(await said('prov-n')).toMatch(/^document[^]*wasAssociatedWith\(t:run[^]*endDocument\n$/);
    expect(JSON.parse(await said('prov-json'))).toMatchObject({ activity: { [`t:run/${runId}`]: {} } });
    expect(JSON.parse(await said('prov-jsonld'))).toHaveProperty('@graph');
    expect(await said('cypher')).toContain(`'acme/run/${runId}'`);
  });

  it('[C4.3] is refused without a token, not found for another tenant, and says what a question may be', async () => {
    const runId = await runOf('refused');
    await graph.whole(runId);
    const path = `/v1/lineage/${runId}`;
    const other = await GraphClient.of(stack, { tenant: 'other' });
    for (const [answer, status, code] of [
      [await graph.ask(path, { headers: { authorization: '' } }), 401, 'TOKEN_MISSING'],
      [await graph.ask(path, { headers: { authorization: 'Bearer x' } }), 401, 'TOKEN_INVALID'],
      [await other.ask(path), 404, 'LINEAGE_NOT_FOUND'],
      [await other.ask('/v1/rebuild', { method: 'POST' }), 403, 'ROLE_MISSING'],
      [await graph.ask('/v1/lineage/run_00_000000000aaaaaaaa'), 404, 'LINEAGE_NOT_FOUND'],
      [await graph.ask(`${path}?format=png`), 400, 'INVALID_QUERY'],
      [await graph.ask(`${path}?direction=left`), 400, 'INVALID_QUERY'],
      [await graph.ask(`${path}?depth=0`), 400, 'INVALID_QUERY'],
    ] as const) {
      expect([answer.status, await answer.json()]).toMatchObject([
        status,
        { code, next: expect.any(String) },
      ]);
    }
  });
});

describe('Neo4j away', () => {
  it('[C1.1] for half a minute: runs go on, and the graph catches up', async () => {
    const { client } = stack;
    const pid = stack.process('provenance-graph').pid;
    await neo4j.kill('SIGKILL');
    const killed = performance.now();
    const runs = await startLoad(stack, client, RUNS, 'graph');
    await signalLoad(client, runs);
    expect(await endsOf(client, runs)).toEqual({ wrong: [], right: RUNS });
    const waits = async () => ((await graph.waiting()).includes('GRAPH_UNREACHABLE') ? true : undefined);
    expect(await waitFor(waits, { deadlineMs: 30_000 })).toBe(true);
    await delay(Math.max(0, GONE_MS - (performance.now() - killed)));
    await neo4j.restart();
    for (const { runId } of runs) await graph.whole(runId, 120_000);
    expect(stack.process('provenance-graph').pid).toBe(pid);
  });
});

describe('rebuild', () => {
  it('[P1] [I7] of the graph from the journal gives an equal digest', async () => {
    await graph.whole(await runOf('rebuilt'));
    const { before, after } = await graph.rebuild();
    expect(after).toEqual(before);
    expect(after.nodes).toBeGreaterThan(RUNS * 20);
  });
});
