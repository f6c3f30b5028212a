import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Collected, Collector } from './collector.fixture.ts';
import { TestStack } from './stack.fixture.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';

let collector: Collector;
let stack: TestStack;
beforeAll(async () => {
  collector = await Collector.start();
  process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = collector.url;
  process.env['OTEL_BSP_SCHEDULE_DELAY'] = '100';
  stack = await TestStack.start({ derived: true });
});
afterAll(async () => {
  delete process.env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  delete process.env['OTEL_BSP_SCHEDULE_DELAY'];
  await stack.stop();
  await collector.stop();
});

const ours = (name: string): Promise<Collected | undefined> =>
  collector.find((span) => span.traceId === TRACE && span.name === name);

describe('one trace, services apart', () => {
  it('goes from the HTTP request through leader and executor to the tool, and to what follows the journal', async () => {
    const { client } = stack;
    const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
    const start = { workflow: 'secret', input: { text: 'a word of a customer' } };
    const { body } = await client.post('/v1/runs?wait=20', start, { traceparent });
    expect(await client.end(body.runId ?? '')).toMatchObject({ status: 'completed' });

    const request = await ours('POST /v1/runs');
    const command = await ours('command run.start');
    const tool = await ours('execute_tool echo');
    expect(request).toMatchObject({ service: 'summit-api', parentSpanId: '00f067aa0ba902b7' });
    expect(command).toMatchObject({ service: 'summit-orchestrator', parentSpanId: request?.spanId });
    expect(tool).toMatchObject({ parentSpanId: command?.spanId });
    expect(tool?.service).toMatch(/^summit-executor/);
    expect(await ours('commit')).toMatchObject({ service: 'summit-orchestrator' });

    const linked = await collector.find(
      ({ name, links }) => name === 'project audit' && links.some(({ traceId }) => traceId === TRACE),
    );
    expect(linked).toMatchObject({ service: 'summit-audit' });
    expect(JSON.stringify(collector.spans)).not.toContain('a word of a customer');
  });

  it('an error tells the trace that it belongs to', async () => {
    const traceparent = `00-${'5'.repeat(32)}-${'6'.repeat(16)}-01`;
    const { body } = await stack.client.post('/v1/runs', { workflow: 'nobody' }, { traceparent });
    expect(body.traceId).toBe('5'.repeat(32));
    const refused = await collector.find(
      (span) => span.traceId === body.traceId && span.name === 'command run.start',
    );
    expect(JSON.stringify(refused?.['attributes'])).toContain('WORKFLOW_UNKNOWN');
  });
});
