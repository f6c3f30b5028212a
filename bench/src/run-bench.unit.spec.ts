import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { reportTable } from './report.ts';
import { runBench } from './run-bench.ts';
import { type SummitStack } from './stack.ts';
import { type Workload } from './workload.ts';

const tiny: Workload = {
  steps: 10,
  warmUpRuns: 1,
  warmUpSeconds: 0,
  sequentialRuns: 2,
  loadRuns: 4,
  loadSeconds: 0.001,
  concurrencies: [50, 200],
  bigSteps: 20,
  pureSteps: 5,
};

/** The api as far as the bench knows it; `sum` answers a run of so many steps. */
async function fakeSummit(sum: (steps: number) => number, onStop: () => void): Promise<SummitStack> {
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString('utf8')));
    request.on('end', () => {
      const { input } = JSON.parse(body) as { input: { steps: number } };
      response.writeHead(201).end(JSON.stringify({ status: 'completed', output: sum(input.steps) }));
    });
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new TypeError('no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    urls: {},
    token: 'token',
    processes: () => [],
    journal: () => Promise.reject(new Error('it keeps none')),
    about: { versions: { 'nats-server': '2.15.2' }, setting: 'one process', durability: 'none' },
    stop: async () => {
      onStop();
      await once(server.close(), 'close');
    },
  };
}

describe('runBench', () => {
  it('gives every figure with its setting and its durability', async () => {
    let stopped = 0;
    const start = () =>
      fakeSummit(
        (steps) => (steps * (steps - 1)) / 2,
        () => (stopped += 1),
      );
    const report = await runBench({
      start,
      settings: [{ distributed: false }],
      peers: [],
      rounds: 2,
      workload: tiny,
    });
    expect(report.figures.map(({ id, subject, unit }) => `${subject} ${id} ${unit}`)).toEqual([
      'summit seq_step_ms ms',
      'summit steps_per_s_50 1/s',
      'summit steps_per_s_200 1/s',
      'summit big_run_step_ms ms',
      'summit pure_step_ms ms',
    ]);
    expect(
      report.figures.every(({ setting, durability }) => setting === 'one process' && durability === 'none'),
    ).toBe(true);
    expect(report.versions).toMatchObject({ 'nats-server': '2.15.2' });
    expect(reportTable(report)).toContain('steps_per_s_50');
    expect(stopped).toBe(1);
  });

  it('fails on a wrong result, and stops what it started', async () => {
    let stopped = 0;
    const start = () =>
      fakeSummit(
        () => 0,
        () => (stopped += 1),
      );
    await expect(
      runBench({ start, settings: [{ distributed: false }], peers: [], workload: tiny }),
    ).rejects.toThrow(/returned 0/);
    expect(stopped).toBe(1);
  });
});
