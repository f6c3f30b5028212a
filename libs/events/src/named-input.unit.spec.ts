import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from '@summit/kernel';
import { decodeCommit, encodeCommit, lineText, type Opener, type Sealer, withSealed } from './codec.ts';
import { type Commit, type Decision } from './commit.ts';

/** Sealing that hides nothing, so that what is kept can be looked at. */
const plain: Sealer & Opener = {
  seal: (_context, _associated, plaintext) => Buffer.from(plaintext).toString('base64'),
  sealLine: (context, clear, plaintext) =>
    Buffer.from(withSealed(clear, plain.seal(context, clear, plaintext))),
  open: (_context, _associated, sealed) => Buffer.from(sealed, 'base64').toString(),
};

const hash = 'a'.repeat(64);
const tool = 'b'.repeat(64);
const args = { order: 'ü"\\', amount: 1.5 };
const remains = {
  action: { registered: true, sensitive: false },
  now: 1000,
  run: { attempts: 2, startedBy: 'alice', steps: 7, version: '1', workflow: 'refund' },
  thread: { id: 'th' },
};
const input = canonicalJson({
  action: {
    ...remains.action,
    actionHash: hash,
    args,
    attempt: 1,
    effect: 'once',
    kind: 'tool',
    name: 'mail.send',
    tool,
  },
  actor: { id: 'ex-1', kind: 'executor', roles: [] },
  now: 1000,
  run: { ...remains.run, id: 'run_1' },
  tenant: 'acme',
  thread: { id: 'th' },
  v: 1,
});

const decision = (more: Partial<Decision>): Decision => ({
  entry: 'summit/action/decision',
  policy: hash,
  verdict: 'allow',
  ...more,
});

function commit(decisions: readonly Decision[], basis: number): Commit {
  return {
    tenant: 'acme',
    entity: { kind: 'run', id: 'run_1' },
    version: 2,
    key: 'k1',
    correlationId: 'run_1',
    actor: { kind: 'executor', id: 'ex-1' },
    causationId: 'frame:1.1',
    trace: '',
    decisions,
    events: [
      {
        type: 'StepProposed',
        v: 1,
        basis,
        step: 7,
        actionHash: hash,
        kind: 'tool',
        effect: 'once',
        tool,
        data: { stepKey: 'mail.send#0', name: 'mail.send', args },
      },
    ],
    tenantIndex: 5,
    tenantPrev: hash,
    salt: '0'.repeat(32),
    at: 1001,
  };
}

const kept = (line: string): unknown => {
  const sealed = /"sealed":"([^"]*)"/.exec(line)?.[1] ?? '';
  const body = JSON.parse(Buffer.from(sealed, 'base64').toString()) as { inputs: unknown };
  return body.inputs;
};

describe("a decision's input, beside the proposal that rests on it", () => {
  it('[C3.1] is kept without what the commit says, and reads back to the bytes that policy saw', () => {
    const line = lineText(
      encodeCommit(0, commit([decision({ input, rest: canonicalJson(remains) })], 0), plain),
    );
    expect(kept(line)).toEqual([[remains]]);
    expect(decodeCommit(0, line, plain).commit.decisions[0]?.input).toBe(input);
  });

  it('is kept whole where no proposal rests on the decision', () => {
    const other = decision({ input: '{"v":1}' });
    const first = decision({ verdict: 'transform', input, rest: canonicalJson(remains) });
    const line = lineText(encodeCommit(0, commit([first, other], 1), plain));
    expect(kept(line)).toEqual([JSON.parse(input), { v: 1 }]);
    const inputs = decodeCommit(0, line, plain).commit.decisions.map((read) => read.input);
    expect(inputs).toEqual([input, '{"v":1}']);
  });

  it('is absent where the proposal was erased with its key', () => {
    const line = lineText(
      encodeCommit(0, commit([decision({ input, rest: canonicalJson(remains) })], 0), plain),
    );
    const { commit: read, erased } = decodeCommit(0, line, { open: () => undefined });
    expect(erased).toBe(true);
    expect(read.decisions[0]?.input).toBeUndefined();
  });
});
