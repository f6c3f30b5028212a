import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { type Token } from './tokens.ts';
import { TokenWriter } from './token-writer.ts';

const address = { tenant: 'acme', threadId: 't1', runId: 'run_00_000000000aaaaaaaa' };

describe('the tokens of an attempt', () => {
  let sent: Token[];
  let writer: TokenWriter;
  beforeEach(() => {
    jest.useFakeTimers({ now: 1000 });
    sent = [];
    const sink = { publish: (_: object, token: Token): void => void sent.push(token) };
    const generating = { step: 'model#0', attempt: 2, permitVersion: 7 };
    writer = new TokenWriter(sink, address, generating, () => Date.now());
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  it('[C2.1] leave at once when they are the first', () => {
    writer.write('Hel');
    expect(sent).toEqual([
      {
        runId: address.runId,
        step: 'model#0',
        attempt: 2,
        permitVersion: 7,
        index: 0,
        delta: 'Hel',
        at: 1000,
      },
    ]);
  });

  it('are gathered then, in order, with dense numbers', () => {
    for (const delta of ['Hel', 'lo', ', ', 'you']) writer.write(delta);
    jest.advanceTimersByTime(15);
    writer.write('!');
    writer.close();
    expect(sent.map(({ index, delta }) => [index, delta])).toEqual([
      [0, 'Hel'],
      [1, 'lo, you'],
      [2, '!'],
    ]);
  });

  it('leave at once again after a silence', () => {
    writer.write('a');
    jest.advanceTimersByTime(100);
    writer.write('b');
    expect(sent).toHaveLength(2);
  });

  it('end with the attempt', () => {
    writer.write('a');
    writer.close();
    writer.write('b');
    writer.close();
    jest.advanceTimersByTime(100);
    expect(sent).toHaveLength(1);
  });
});
