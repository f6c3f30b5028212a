import { describe, expect, it } from '@jest/globals';
import { metricIn, sampled } from './metrics.ts';

const text = [
  '# TYPE summit_graph_sequence gauge',
  'summit_graph_sequence{partition="00"} 7',
  'summit_graph_sequence{partition="01"} 35',
  'summit_graph_nodes_total 1.5e+3',
  '',
].join('\n');

describe('a metric of a service', () => {
  it('is all its samples together', () => {
    expect(metricIn(text, 'summit_graph_sequence')).toBe(42);
    expect(metricIn(text, 'summit_graph_nodes_total')).toBe(1500);
  });

  it('is not nothing where it is missing', () => {
    expect(metricIn(text, 'summit_graph')).toBeUndefined();
  });
});

describe('what is sampled', () => {
  it('is what was seen until it was stopped', async () => {
    let seen = 0;
    const enough = Promise.withResolvers<undefined>();
    const stop = sampled(async () => {
      if (seen === 3) enough.resolve(undefined);
      return ++seen;
    }, 1);
    await enough.promise;
    expect((await stop()).slice(0, 4)).toEqual([1, 2, 3, 4]);
  });

  it('fails with the look that fails', async () => {
    const stop = sampled(() => Promise.reject(new Error('away')), 1);
    await expect(stop()).rejects.toThrow('away');
  });
});
