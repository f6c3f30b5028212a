import { describe, expect, it } from '@jest/globals';
import { ZERO_DIGEST } from '@summit/kernel';
import { type AnyEvent } from './catalogue.ts';
import { decodeCommit, encodeCommit, lineText, type Opener, type Sealer, withSealed } from './codec.ts';
import { type Commit } from './commit.ts';

/** Seals nothing: what is sealed stands in base64. */
const open: Sealer & Opener = {
  seal: (_context, _associated, plaintext) => Buffer.from(plaintext).toString('base64'),
  sealLine: (context, clear, plaintext) =>
    Buffer.from(withSealed(clear, open.seal(context, clear, plaintext))),
  open: (_context, _associated, sealed) => Buffer.from(sealed, 'base64').toString(),
};

const commitOf = (event: AnyEvent): Commit => ({
  tenant: 'acme',
  entity: { kind: 'run', id: 'run_1' },
  version: 2,
  tenantIndex: 1,
  tenantPrev: ZERO_DIGEST,
  salt: '0'.repeat(32),
  key: 'k_1',
  causationId: 'frame:1.1',
  correlationId: 'run_1',
  actor: { kind: 'executor', id: 'e1' },
  at: 1,
  trace: '',
  decisions: [],
  events: [event],
});

const failed = (error: object): AnyEvent =>
  ({ type: 'RunFailed', v: 1, basis: 'failure', data: { error } }) as unknown as AnyEvent;

describe('encodeCommit', () => {
  it('writes what decodeCommit reads', () => {
    const commit = commitOf(failed({ code: 'X', message: 'no', next: undefined }));
    const line = lineText(encodeCommit(0, commit, open));
    expect(decodeCommit(0, line, open).commit).toEqual(commit);
  });

  it.each([
    ['message', { code: 'X', message: 5 }],
    ['code', { message: 'no' }],
    ['retryable', { code: 'X', message: 'no', retryable: 'often' }],
  ])('writes nothing that could not be read again: a failure with a wrong %s', (member, error) => {
    expect(() => encodeCommit(0, commitOf(failed(error)), open)).toThrow(
      expect.objectContaining({
        code: 'COMMIT_INVALID',
        message: expect.stringContaining(`error.${member}`),
      }),
    );
  });
});
