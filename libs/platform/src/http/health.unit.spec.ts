import 'reflect-metadata';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type RunningService } from '../service.ts';
import { HEALTH, HealthController, notReady } from './health.controller.ts';
import { byPartition, counter, gauge, METRICS, MetricsController } from './health.metrics.ts';
import { serveModule } from './serve-module.ts';

let ready: boolean;
let service: RunningService;

beforeEach(async () => {
  ready = true;
  const health = {
    alive: () => ({ status: 'ok' }),
    ready: () => (ready ? { status: 'ready' } : Promise.reject(notReady())),
  };
  const module = {
    module: HealthController, // any class names it
    controllers: [HealthController, MetricsController],
    providers: [
      { provide: HEALTH, useValue: health },
      { provide: METRICS, useValue: () => gauge('summit_up', 'Up.', [[{}, 1]]) },
    ],
  };
  const log = { error: () => undefined };
  service = await serveModule(module, { host: '127.0.0.1', port: 0, log });
});
afterEach(() => service.close());

async function get(path: string): Promise<{ status: number; type: string; body: string }> {
  const answer = await fetch(service.url + path);
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', body: await answer.text() };
}

describe('what a service says of itself', () => {
  it('is that it lives, and whether it can do its work', async () => {
    expect(await get('/healthz')).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(await get('/readyz')).toMatchObject({ status: 200, body: '{"status":"ready"}' });
    ready = false;
    const refused = await get('/readyz');
    expect([refused.status, refused.type]).toEqual([
      503,
      expect.stringMatching(/^application\/problem\+json/),
    ]);
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'NOT_READY' });
    expect(await get('/healthz')).toMatchObject({ status: 200 });
  });

  it('is what it measures, as Prometheus reads it', async () => {
    expect(await get('/metrics')).toEqual({
      status: 200,
      type: 'text/plain; version=0.0.4; charset=utf-8',
      body: '# HELP summit_up Up.\n# TYPE summit_up gauge\nsummit_up 1\n',
    });
  });
});

describe('a metric', () => {
  it('has a line for each sample, with its labels quoted', () => {
    const partitions = [
      { partition: 0, pending: 3 },
      { partition: 11, pending: 0 },
    ];
    expect(
      gauge(
        'summit_pending',
        'To come.',
        byPartition(partitions, ({ pending }) => pending),
      ),
    ).toEqual([
      '# HELP summit_pending To come.',
      '# TYPE summit_pending gauge',
      'summit_pending{partition="00"} 3',
      'summit_pending{partition="11"} 0',
    ]);
    expect(counter('summit_odd_total', 'Odd.', [[{ reason: 'a "b"', verb: 'x' }, 1]]).slice(1)).toEqual([
      '# TYPE summit_odd_total counter',
      'summit_odd_total{reason="a \\"b\\"",verb="x"} 1',
    ]);
  });
});
