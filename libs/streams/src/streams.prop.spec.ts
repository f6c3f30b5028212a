import { describe, expect, it } from '@jest/globals';
import { applyPatch, type PatchOperation, stateHash } from '@summit/engine';
import { isObject, type Json } from '@summit/kernel';
import fc from 'fast-check';
import { cursorText, parseCursor } from './cursor.ts';
import { erasedCommit, type History, history } from './history.fixture.ts';
import { RunStream } from './run-stream.ts';
import { StreamSession, type Token } from './session.ts';
import { endsStream, type StreamEvent } from './stream-event.ts';

/** Every event of a history, without tokens. */
function journaled({ commits }: History): StreamEvent[] {
  const stream = new RunStream();
  return commits.flatMap((commit) => stream.apply(commit));
}

/** What a client saw, its tokens put together: texts by attempt, and the rest in order. */
interface Transcript {
  readonly events: readonly object[];
  readonly texts: Readonly<Record<string, string>>;
}

function transcriptOf(events: readonly StreamEvent[]): Transcript {
  const texts: Record<string, string> = {};
  const rest: object[] = [];
  for (const event of events) {
    if (event.type === 'token') {
      const call = `${event.stepId}/${String(event.attempt)}`;
      texts[call] = (texts[call] ?? '') + event.delta;
    } else {
      const { cursor, ...said } = event;
      rest.push({ place: cursor.split('+')[0], ...said });
    }
  }
  return { events: rest, texts };
}

/** How one connection fares: what arrives, in which order, and after how many events it is cut. */
interface Connection {
  /** Commits that lay in the journal when it began; the rest arrives live. */
  readonly past: number;
  /** How far before (−) or behind (+) the journal the tokens run, in commits. */
  readonly lead: number;
  /** Tokens that are lost on the way: each `lose`-th; 0: none. */
  readonly lose: number;
  readonly repeat: boolean;
  /** Older tokens are still there to be heard. */
  readonly kept: boolean;
  readonly cutAfter: number;
}

const connection: fc.Arbitrary<Connection> = fc.record({
  past: fc.nat(20),
  lead: fc.integer({ min: -2, max: 2 }),
  lose: fc.constantFrom(0, 0, 2, 3),
  repeat: fc.boolean(),
  kept: fc.boolean(),
  cutAfter: fc.nat(12),
});

/** What a client receives until it is cut, or the run has ended. */
function receive(given: History, after: string | undefined, how: Connection): StreamEvent[] {
  const stream = new RunStream();
  const session = new StreamSession(after === undefined ? undefined : parseCursor(after));
  const out: StreamEvent[] = [];
  const arriving = given.tokens.filter(
    ({ permit }, i) => (how.kept || permit >= how.past) && (how.lose === 0 || i % how.lose !== 1),
  );
  const tokensUpTo = (permit: number): Token[] => {
    const due = arriving.filter((token) => token.permit <= permit);
    arriving.splice(0, due.length);
    return how.repeat ? due.flatMap((token) => [token, token]) : due;
  };
  for (const commit of given.commits) {
    const { version } = commit.commit;
    const early = version > how.past ? tokensUpTo(version + how.lead) : [];
    out.push(...early.flatMap((token) => session.token(token)));
    out.push(...session.events(stream.apply(commit)));
    if (out.length > how.cutAfter) return out.slice(0, how.cutAfter + 1);
  }
  return out;
}

/** Connects again and again from the last cursor, until the run has ended. */
function reconnecting(given: History, connections: readonly Connection[]): StreamEvent[] {
  const seen: StreamEvent[] = [];
  for (let i = 0; !seen.some(endsStream); i++) {
    const how = connections[i % connections.length];
    if (!how || i > 10_000) throw new Error('the transcript never ends');
    seen.push(...receive(given, seen.at(-1)?.cursor, how));
  }
  return seen;
}

/** What each attempt with an outcome must have said, from the journal. */
function wholeTexts(events: readonly StreamEvent[]): Record<string, string> {
  const texts: Record<string, string> = {};
  for (const event of events) {
    if (event.type !== 'model_complete' || !('output' in event) || !isObject(event.output)) continue;
    const text = event.output['text'];
    if (typeof text === 'string' && text !== '') texts[`${event.stepId}/${String(event.attempt)}`] = text;
  }
  return texts;
}

describe('a run’s stream', () => {
  it('[C2.4] any cut into reconnects gives the same transcript, whatever became of the tokens', () => {
    let reconnects = 0;
    fc.assert(
      fc.property(history, fc.array(connection, { minLength: 1, maxLength: 12 }), (given, connections) => {
        const expected = journaled(given);
        const seen = reconnecting(given, connections);
        const transcript = transcriptOf(seen);
        expect(transcript.events).toEqual(transcriptOf(expected).events);
        const whole = wholeTexts(expected);
        expect(transcript.texts).toMatchObject(whole);
        reconnects += seen.length / (1 + Math.max(...connections.map(({ cutAfter }) => cutAfter)));
      }),
      { numRuns: 1000 },
    );
    expect(reconnects).toBeGreaterThan(1000);
  });

  it('[C2.1] tokens that arrive as they were generated are told each once, in order', () => {
    fc.assert(
      fc.property(history, fc.nat(2), (given, lead) => {
        const how = { past: 0, lead, lose: 0, repeat: true, kept: true, cutAfter: 1e6 };
        const said = receive(given, undefined, how).filter((event) => event.type === 'token');
        const last = given.tokens.map(({ step, attempt, index, delta }) => ({
          stepId: step,
          attempt,
          index,
          delta,
        }));
        const told = said.map(({ stepId, attempt, index, delta }) => ({ stepId, attempt, index, delta }));
        expect(new Set(told.map((token) => JSON.stringify(token)))).toEqual(
          new Set(last.map((token) => JSON.stringify(token))),
        );
        expect(told).toHaveLength(last.length);
      }),
    );
  });

  it('[C2.3] patches, applied one after another, give the hash that each names', () => {
    fc.assert(
      fc.property(history, (given) => {
        let state: Json = {};
        let version = 0;
        for (const event of journaled(given)) {
          if (event.type !== 'state_patch') continue;
          expect(event.baseVersion).toBe(version);
          state = applyPatch(state, event.patch satisfies readonly PatchOperation[]);
          version = event.version;
          expect(event.hash).toBe(stateHash(state));
        }
      }),
    );
  });

  it('[C2.2] events follow the journal: none is missing, their places ascend, starts come before ends', () => {
    fc.assert(
      fc.property(history, (given) => {
        const events = journaled(given);
        const places = events.map(({ cursor }) => parseCursor(cursor));
        for (const [i, { version, event }] of places.entries()) {
          const before = places[i - 1];
          const follows = before?.version === version ? event === before.event + 1 : event === 0;
          expect(follows && version >= (before?.version ?? 0)).toBe(true);
        }
        const recorded = given.commits.flatMap(({ commit }) => commit.events);
        const count = (type: string): number => events.filter((event) => event.type === type).length;
        const of = (type: string): number => recorded.filter((event) => event.type === type).length;
        expect(count('step_start')).toBe(of('StepProposed'));
        expect(count('tool_call') + count('model_start')).toBeLessThanOrEqual(of('PermitGranted'));
        expect(count('step_complete')).toBe(of('StepCompleted') + 2 * of('PureComputed'));
        expect(count('state_patch')).toBe(of('StatePatched'));
        expect(count('run_waiting')).toBe(count('run_resumed'));
        expect(events[0]?.type === 'decision' && events[1]?.type === 'run_start').toBe(true);
        expect(events.at(-1)?.type).toBe('run_complete');
      }),
    );
  });

  it('erased commits are told too, at the same places', () => {
    fc.assert(
      fc.property(history, (given) => {
        const whole = journaled(given).filter(({ type }) => type !== 'step_complete');
        const erased = journaled({ ...given, commits: given.commits.map(erasedCommit) });
        expect(erased.filter(({ type }) => type !== 'step_complete').map(({ type }) => type)).toEqual(
          whole.map(({ type }) => type),
        );
        expect(erased.every((event) => event.erased)).toBe(true);
      }),
    );
  });
});

describe('a cursor', () => {
  const call = fc.record({ permit: fc.nat(50), event: fc.nat(9), index: fc.nat(), chars: fc.nat() });
  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.nat(), fc.nat(99), fc.array(call, { maxLength: 5 }), (version, event, calls) => {
        const cursor = { version: version + 51, event, calls };
        expect(parseCursor(cursorText(cursor))).toEqual(cursor);
      }),
    );
  });

  it('is refused where it is garbage, and never anything else than refused', () => {
    const garbage = fc.oneof(
      fc.string(),
      fc.string({ unit: fc.constantFrom('0', '1', '.', '+', '-', 'e', ' ') }),
    );
    fc.assert(
      fc.property(garbage, (text) => {
        let refused = false;
        try {
          expect(cursorText(parseCursor(text))).toBe(text);
        } catch (error) {
          refused = true;
          expect(error).toMatchObject({ code: 'INVALID_CURSOR' });
        }
        expect(refused || /^\d+\.\d+/.test(text)).toBe(true);
      }),
    );
  });
});
