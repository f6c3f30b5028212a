import { describe, expect, it } from '@jest/globals';
import { errorRecord, TerminalError } from './errors.ts';

/** As code without types may throw it. */
const thrown = (members: object): unknown => Object.assign(new TerminalError('X', 'no', 'Stop.'), members);

describe('errorRecord', () => {
  it('is made of texts, whatever was thrown', () => {
    expect(errorRecord(new Error('no'))).toEqual({ code: 'UNEXPECTED', message: 'no' });
    expect(errorRecord(thrown({}))).toEqual({ code: 'X', message: 'no', next: 'Stop.', retryable: false });
    expect(errorRecord(thrown({ message: { a: 1 }, code: 5, next: null }))).toEqual({
      ...{ code: '5', message: '[object Object]', next: 'null', retryable: false },
    });
    expect(errorRecord(thrown({ next: undefined }))).not.toHaveProperty('next', 'undefined');
    expect(errorRecord(thrown({ retryable: 'often' }))).toMatchObject({ retryable: false });
    expect(errorRecord(10n)).toMatchObject({ message: '10' });
    expect(errorRecord(Object.create(null))).toMatchObject({ message: 'an object that has no text' });
  });

  it('is made of what can not be looked at, too', () => {
    const shy = Object.defineProperty(new Error('shy'), 'message', {
      get: () => {
        throw new Error('no');
      },
    });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const one of [shy, proxy]) {
      expect(errorRecord(one, 'TOOL_FAILED')).toEqual({
        code: 'TOOL_FAILED',
        message: 'what was thrown can not be looked at',
      });
    }
  });
});
