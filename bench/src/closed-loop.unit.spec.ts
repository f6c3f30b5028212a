import { describe, expect, it } from '@jest/globals';
import { closedLoop, median, percentile } from './closed-loop.ts';

describe('closedLoop', () => {
  it('makes every call once and never more at once than it may', async () => {
    const made: number[] = [];
    let open = 0;
    let most = 0;
    const load = await closedLoop(20, 3, async (index) => {
      most = Math.max(most, ++open);
      await Promise.resolve();
      open -= 1;
      made.push(index);
    });
    expect(made.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect(most).toBe(3);
    expect(load.latenciesMs).toHaveLength(20);
  });

  it('fails with the call that fails', async () => {
    const call = () => Promise.reject(new Error('wrong sum'));
    await expect(closedLoop(5, 2, call)).rejects.toThrow('wrong sum');
  });
});

describe('percentile and median', () => {
  it('look at values, not at their order', () => {
    const samples = [9, 1, 5, 3, 7];
    expect(percentile(samples, 0.5)).toBe(5);
    expect(percentile(samples, 0.99)).toBe(9);
    expect(median(samples)).toBe(5);
  });

  it('take the mean of the two in the middle, and nothing of nothing', () => {
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(median([])).toBeNaN();
  });
});
