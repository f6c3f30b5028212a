import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Action } from '@summit/sdk';
import { holdTime } from '../world.fixture.ts';
import { Attempt, type AttemptEnd } from './attempt.ts';

let ends: AttemptEnd[];

function start(run: Action['run'], timeoutMs = 100): Attempt {
  const action: Action = { name: 'slow', effect: 'idempotent', timeoutMs, run };
  const attempt = new Attempt({
    action,
    args: null,
    tenant: 'acme',
    runId: 'r',
    stepKey: 'slow#0',
    attempt: 1,
  });
  attempt.run((end) => ends.push(end));
  return attempt;
}

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
const never = (): Promise<never> => new Promise(() => undefined);

describe('an attempt', () => {
  beforeEach(() => {
    holdTime();
    ends = [];
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('that ends within its turn makes no timer', async () => {
    start(() => Promise.resolve(1));
    await turn();
    expect(ends).toEqual([{ ok: true, output: 1 }]);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('has its time and no more, and its signal says so', async () => {
    const attempt = start(never);
    await turn();
    jest.advanceTimersByTime(99);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ends).toMatchObject([{ ok: false, error: { code: 'ATTEMPT_TIMEOUT' } }]);
    expect(attempt.signal.aborted).toBe(true);
  });

  it('has what it did before it first waited counted', async () => {
    start(() => {
      jest.advanceTimersByTime(60);
      return never();
    });
    await turn();
    jest.advanceTimersByTime(39);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ends).toHaveLength(1);
  });

  it('has its whole time again after a heartbeat, at once or later', async () => {
    start((_args, context) => {
      jest.advanceTimersByTime(60);
      context.heartbeat();
      setTimeout(context.heartbeat, 90);
      return never();
    });
    await turn();
    jest.advanceTimersByTime(189);
    expect(ends).toEqual([]);
    jest.advanceTimersByTime(1);
    expect(ends).toHaveLength(1);
  });

  it('that was told late of a heartbeat does not begin again', async () => {
    const attempt = start(never);
    await turn();
    jest.advanceTimersByTime(100);
    attempt.heartbeat();
    expect(jest.getTimerCount()).toBe(0);
  });
});
