import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, type ReadableSpan } from '@opentelemetry/sdk-trace';
import { exportTo, type Telemetry } from '@summit/platform';
import { defineTool, TerminalError } from '@summit/sdk';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { app, Scene } from './scene.fixture.ts';

const scene = new Scene();
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const caller = `00-${TRACE}-00f067aa0ba902b7-01`;

let exporter: InMemorySpanExporter;
let telemetry: Telemetry;
beforeEach(async () => {
  exporter = new InMemorySpanExporter();
  telemetry = await exportTo('test', exporter);
});
afterEach(() => telemetry.close());

const spans = (): ReadableSpan[] => exporter.getFinishedSpans();
const named = (name: string): ReadableSpan => {
  const found = spans().find((span) => span.name === name);
  if (!found)
    throw new Error(
      `no span ${name} in ${spans()
        .map((span) => span.name)
        .join(', ')}`,
    );
  return found;
};
const parentOf = (span: ReadableSpan): string | undefined =>
  spans().find((one) => one.spanContext().spanId === span.parentSpanContext?.spanId)?.name;

const charge = defineTool({
  name: 'charge',
  input: z.object({ card: z.string() }),
  output: z.string(),
  effect: 'idempotent',
  async execute({ card }) {
    await Promise.resolve();
    trace.getTracer('of the tool').startSpan('POST /charges').end();
    if (card === 'stolen') throw new TerminalError('CARD_REFUSED', 'the card 4711 was refused', 'Ask.');
    return 'charged';
  },
});
const charges = app((ctx, card: string) => ctx.tool(charge, { card }), [charge]);

async function run(card: string): Promise<string> {
  const start = { verb: 'run.start', threadId: 't', workflow: 'work', input: card } as const;
  const answer = await scene.world.answer(start, { trace: caller });
  const runId = answer.ok ? (answer.value as { runId: string }).runId : '';
  await scene.world.ended(runId);
  await scene.world.settle();
  return runId;
}

describe('one trace', () => {
  it('goes from a command through its commit, the attempt and the tool to what the tool traces', async () => {
    await scene.ready(charges, { tracing: telemetry.tracing });
    const runId = await run('4711');
    const ours = spans().filter((span) => span.spanContext().traceId === TRACE);
    const names = ours.map(({ name }) => name).sort();
    expect([...new Set(names)]).toEqual([
      'POST /charges',
      'command run.start',
      'commit',
      'execute_tool charge',
    ]);
    expect(named('command run.start').parentSpanContext?.spanId).toBe('00f067aa0ba902b7');
    expect(parentOf(named('execute_tool charge'))).toBe('command run.start');
    expect(parentOf(named('POST /charges'))).toBe('execute_tool charge');
    expect(parentOf(named('commit'))).toBe('command run.start');
    expect(named('execute_tool charge').attributes).toMatchObject({
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'charge',
      'summit.run.id': runId,
      'summit.tenant': 'acme',
      'summit.attempt': 1,
    });
  });

  it('[C5.2] is named by every commit of the run', async () => {
    await scene.ready(charges, { tracing: telemetry.tracing });
    const runId = await run('4711');
    const traces = scene.world.commits().filter(({ commit }) => commit.entity.id === runId);
    expect(traces.length).toBeGreaterThan(1);
    const context = named('command run.start').spanContext();
    for (const { commit } of traces) expect(commit.trace).toBe(`00-${TRACE}-${context.spanId}-01`);
  });

  it('[I9] tells codes of errors, and no argument, result or sentence', async () => {
    await scene.ready(charges, { tracing: telemetry.tracing });
    await run('stolen');
    expect(named('execute_tool charge')).toMatchObject({
      attributes: { 'error.type': 'CARD_REFUSED' },
      status: { code: 2, message: 'CARD_REFUSED' },
    });
    const told = JSON.stringify(
      spans().map(({ name, attributes, status }) => ({ name, attributes, status })),
    );
    expect(told).not.toContain('4711');
    expect(told).not.toContain('stolen');
  });

  it('a refused command ends with its code', async () => {
    await scene.ready(charges, { tracing: telemetry.tracing });
    await scene.world.answer({ verb: 'run.pause', runId: 'run_00_none' }, { trace: caller });
    expect(named('command run.pause').attributes).toMatchObject({ 'error.type': 'RUN_NOT_FOUND' });
  });

  it('is not made where there is no tracer', async () => {
    await scene.ready(charges);
    await run('4711');
    expect(spans().map(({ name }) => name)).toEqual(['POST /charges']); // the tool's own, in a trace of its own
  });
});
