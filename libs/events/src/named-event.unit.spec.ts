import { describe, expect, it } from '@jest/globals';
import { ZERO_DIGEST } from '@summit/kernel';
import { type AnyEvent } from './catalogue.ts';
import {
  decodeCommit,
  encodeCommit,
  lineText,
  type Opener,
  type Sealer,
  splitLine,
  withSealed,
} from './codec.ts';
import { type Actor, type Commit } from './commit.ts';
import { STEP_DEFAULTS } from './run.events.ts';

const plain: Sealer & Opener = {
  seal: (_context, _associated, plaintext) => Buffer.from(plaintext).toString('base64'),
  sealLine: (context, clear, plaintext) =>
    Buffer.from(withSealed(clear, plain.seal(context, clear, plaintext))),
  open: (_context, _associated, sealed) => Buffer.from(sealed, 'base64').toString(),
};

const executor: Actor = { kind: 'executor', id: 'ex-1' };
const leader: Actor = { kind: 'leader', id: 'ex-1' };
const hash = 'a'.repeat(64);

const proposed = (more: object = {}): AnyEvent => ({
  ...{ type: 'StepProposed', v: 1, basis: 0, step: 3, actionHash: hash, kind: 'tool', effect: 'once' },
  ...STEP_DEFAULTS,
  data: { stepKey: 'k', name: 'n', args: 1 },
  ...more,
});
const permit = (more: object = {}): AnyEvent => ({
  ...{ type: 'PermitGranted', v: 1, basis: 0, step: 3, attempt: 1 },
  ...{ executor: 'ex-1', leaderEpoch: 1, assignment: 1, actionHash: hash },
  ...more,
});

const commitOf = (events: readonly AnyEvent[], actor = executor): Commit => ({
  ...{ tenant: 'acme', entity: { kind: 'run', id: 'run_1' }, version: 2, tenantIndex: 1 },
  ...{ tenantPrev: ZERO_DIGEST, salt: '0'.repeat(32), key: 'k_1', causationId: 'frame:1.1' },
  ...{ correlationId: 'run_1', actor, at: 1, trace: '', decisions: [], events },
});

interface Stored {
  readonly events: readonly Readonly<Record<string, unknown>>[];
}

/** The events as the journal has them; and that they read back as they were, with the key and without. */
function kept(events: readonly AnyEvent[], actor = executor): Stored['events'] {
  const line = lineText(encodeCommit(0, commitOf(events, actor), plain));
  expect(decodeCommit(0, line, plain).commit.events).toEqual(events);
  const erased = decodeCommit(0, line, { open: () => undefined }).commit.events;
  expect(erased).toEqual(events.map((event) => ({ ...event, data: undefined })));
  return (JSON.parse(splitLine(line).clear) as Stored).events;
}

describe('an event, beside what its commit says already', () => {
  it('a permit names neither its executor nor its hash again', () => {
    const [, stored] = kept([proposed(), permit()]);
    expect(Object.keys(stored ?? {})).toEqual([
      'type',
      'v',
      'basis',
      'step',
      'attempt',
      'leaderEpoch',
      'assignment',
    ]);
  });

  it.each([
    ['a commit of the leader', [proposed(), permit()], leader, { executor: 'ex-1' }],
    ['another executor', [proposed(), permit({ executor: 'ex-2' })], executor, { executor: 'ex-2' }],
    ['no proposal beside it', [permit()], executor, { actionHash: hash }],
    ['a proposal of another step', [proposed({ step: 2 }), permit()], executor, { actionHash: hash }],
    ['another hash', [proposed({ actionHash: 'b' }), permit()], executor, { actionHash: hash }],
    [
      'arguments of its own',
      [proposed(), permit({ actionHash: 'c', data: { args: 2 } })],
      executor,
      { actionHash: 'c' },
    ],
  ])('a permit says it where there is %s', (_, events, actor, said) => {
    expect(kept(events, actor).at(-1)).toMatchObject(said);
  });

  it('a proposal names no terms that are everybody’s', () => {
    const [stored] = kept([proposed()]);
    expect(stored).not.toHaveProperty('timeoutMs');
    expect(stored).not.toHaveProperty('retry');
  });

  it('a proposal names what of its terms is its own', () => {
    const retry = { ...STEP_DEFAULTS.retry, maxAttempts: 1 };
    expect(kept([proposed({ retry })])[0]).toMatchObject({ retry });
    expect(kept([proposed({ timeoutMs: 1 })])[0]).toMatchObject({ timeoutMs: 1 });
    expect(kept([proposed({ kind: 'model' })])[0]).toMatchObject(STEP_DEFAULTS);
    kept([proposed({ kind: 'sleep', timeoutMs: undefined, retry: undefined })]);
  });

  it('reads for ever as it was written first', () => {
    const stored = [
      { type: 'StepProposed', v: 1, basis: 0, step: 0, kind: 'tool', effect: 'once', actionHash: 'h' },
      { type: 'PermitGranted', v: 1, basis: 0, step: 0, attempt: 1, leaderEpoch: 1, assignment: 1 },
    ];
    const { clear, sealed } = splitLine(lineText(encodeCommit(0, commitOf([]), plain)));
    const line = withSealed(JSON.stringify({ ...(JSON.parse(clear) as object), events: stored }), sealed);
    const erased = decodeCommit(0, line, { open: () => undefined }).commit.events;
    expect(erased).toEqual([
      {
        ...stored[0],
        timeoutMs: 60_000,
        retry: { maxAttempts: 5, initialMs: 200, factor: 2, maxMs: 30_000 },
      },
      { ...stored[1], executor: 'ex-1', actionHash: 'h' },
    ]);
  });
});
