import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { type ProvGraph } from '@summit/prov';
import { type Neo4jServer, startNeo4j } from '@summit/servers';
import { edge, position, runGraphs, sharedGraph, stepsOf } from './graphs.fixture.ts';
import { LineageGraph } from './lineage-graph.ts';

let dir: string;
let server: Neo4jServer;
let graph: LineageGraph;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'summit-lineage-'));
  server = await startNeo4j({ dataDir: dir, heapMb: 256 });
  graph = await LineageGraph.open(server, 'acme');
}, 600_000);
afterAll(async () => {
  await (graph as LineageGraph | undefined)?.close();
  await (server as Neo4jServer | undefined)?.stop();
  rmSync(dir, { recursive: true, force: true });
});
beforeEach(() => graph.clear());

async function write(graphs: readonly ProvGraph[], size = 10, into = graph): Promise<void> {
  for (const step of stepsOf(graphs, size)) expect((await into.apply(step)).lost).toBe(0);
}

describe('the graph', () => {
  it('[I7] is the same in one step, in many, and from zero', async () => {
    await write(runGraphs('r1', 30), 1);
    const one = await graph.digest();
    await graph.clear();
    expect(await graph.digest()).toMatchObject({ nodes: 0, edges: 0 });
    await write(runGraphs('r1', 30), 100);
    expect(await graph.digest()).toEqual(one);
    expect(one).toMatchObject({ nodes: 62, edges: 61 });
  });

  it('[I7] moves its position with its content: a step that was written is refused the second time', async () => {
    const [first, second] = stepsOf(runGraphs('r1', 10), 5);
    if (!first || !second) throw new Error('too few steps');
    await graph.apply(first);
    const before = await graph.digest();
    await expect(graph.apply(first)).rejects.toMatchObject({ code: 'GRAPH_POSITION_MOVED' });
    expect(await graph.digest()).toEqual(before);
    await graph.apply(second);
    expect(await graph.position(0)).toEqual(position(2));
    expect(await graph.position(1)).toBeUndefined();
  });

  it('[I7] of two writers from one position one goes on', async () => {
    const [first] = stepsOf(runGraphs('r1', 100), 200);
    if (!first) throw new Error('no step');
    const other = await LineageGraph.open(server, 'acme');
    const outcomes = await Promise.allSettled([graph.apply(first), other.apply(first)]);
    await other.close();
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await graph.digest()).toMatchObject({ nodes: 202, edges: 201 });
  });

  it('[I7] has the earliest cause for what several partitions bring, in whatever order', async () => {
    const steps = [5, 3, 9].map((event, partition) => ({
      partition,
      from: undefined,
      to: position(1),
      graphs: [sharedGraph(event)],
    }));
    const digests = [];
    for (const order of [steps, steps.toReversed()]) {
      await graph.clear();
      for (const step of order) await graph.apply(step);
      digests.push(await graph.digest());
    }
    expect(digests[1]).toEqual(digests[0]);
    const { nodes, edges } = await graph.lineage('user/u1', { direction: 'up' });
    expect([...nodes, ...edges].map(({ event }) => event)).toEqual(Array(3).fill('00-acme-3.0'));
  });

  it('says so where an edge finds no node to start or end at', async () => {
    const graphs = [
      ...runGraphs('r1', 1),
      { nodes: [], edges: [edge('nowhere', 'USED', 'run/r1', 9)], changes: [] },
    ];
    const [step] = stepsOf(graphs, 10);
    if (!step) throw new Error('no step');
    expect(await graph.apply(step)).toEqual({ nodes: 4, edges: 3, lost: 1 });
  });

  it('[I8] belongs to one tenant', async () => {
    await expect(LineageGraph.open(server, 'other')).rejects.toMatchObject({
      code: 'GRAPH_OF_ANOTHER_TENANT',
    });
    const [step] = stepsOf([sharedGraph(1)], 1);
    const [{ nodes, edges, changes } = sharedGraph(1)] = step?.graphs ?? [];
    const foreign = { nodes: nodes.map((node) => ({ ...node, tenant: 'other' })), edges, changes };
    await expect(
      graph.apply({ partition: 0, from: undefined, to: position(1), graphs: [foreign] }),
    ).rejects.toMatchObject({ code: 'GRAPH_OF_ANOTHER_TENANT' });
    expect(await graph.position(0)).toBeUndefined();
  });
});

describe('lineage', () => {
  const run = 'run_00_0mws75g8taaaaaaaa';

  it('[C5.3] up from a result is the attempt, the run and who asked for it; up from a run its steps too', async () => {
    await write([...runGraphs(run, 3), ...runGraphs('run_00_0mws75g8tbbbbbbbb', 3, 100)]);
    const up = await graph.lineage(`run/${run}/step/1/result`, { direction: 'up' });
    expect(up.nodes.map(({ kind }) => kind).sort()).toEqual(['Attempt', 'Result', 'Run', 'User']);
    const whole = await graph.lineage(run, { direction: 'up' });
    expect([whole.nodes.length, whole.edges.length, whole.truncated]).toEqual([8, 7, false]);
    expect(whole.nodes.find(({ kind }) => kind === 'Run')?.facts).toMatchObject({
      status: 'completed',
      step: 0,
    });
  });

  it('[C5.3] down from a run is what came of it; an event leads to what it caused', async () => {
    await write(runGraphs(run, 3));
    const down = await graph.lineage(run, { direction: 'down' });
    expect(down.nodes.map(({ kind }) => kind).sort()).toEqual([
      ...Array(3).fill('Attempt'),
      ...Array(3).fill('Result'),
      'Run',
    ]);
    const event = await graph.lineage('00-acme-2.0', { direction: 'down', depth: 1 });
    expect(event.start.length).toBe(2);
  });

  it('stops at the depth and the number that are asked for, and says so', async () => {
    await write(runGraphs(run, 50));
    expect(await graph.lineage(run, { direction: 'down', depth: 1 })).toMatchObject({ truncated: true });
    const few = await graph.lineage(run, { direction: 'down', limit: 7 });
    expect([few.nodes.length, few.truncated]).toEqual([7, true]);
  });

  it('[C4.3] of what is not there, or of another tenant, is not found', async () => {
    await write(runGraphs(run, 1));
    for (const id of ['run_00_0mws75g8tcccccccc', 'other/user/u1', '09-acme-1.0', '', "' OR 1=1"]) {
      await expect(graph.lineage(id, { direction: 'up' })).rejects.toMatchObject({
        code: 'LINEAGE_NOT_FOUND',
      });
    }
  });
});

describe('Neo4j away', () => {
  it('[C1.1] is an error that may be tried again, and afterwards the graph goes on where it stood', async () => {
    const [first, second] = stepsOf(runGraphs('r1', 10), 5);
    if (!first || !second) throw new Error('too few steps');
    await graph.apply(first);
    await server.kill('SIGKILL');
    await expect(graph.apply(second)).rejects.toMatchObject({ code: 'GRAPH_UNREACHABLE', retryable: true });
    await server.restart();
    expect(await graph.position(0)).toEqual(first.to);
    await graph.apply(second);
    expect(await graph.position(0)).toEqual(second.to);
  }, 120_000);
});
