/** Histories of runs as a leader could have recorded them, and the tokens that went with them. For tests alone. */
import { stateHash } from '@summit/engine';
import { type Decision, type DecodedCommit, type RunEvent } from '@summit/events';
import { type Json } from '@summit/kernel';
import fc from 'fast-check';
import { type Token } from './session.ts';

/** What a step of a generated run is, and how it fares. */
type Deed =
  | { readonly do: 'tool' | 'step'; readonly fails: number; readonly ends: 'well' | 'badly' | 'denied' }
  /** `texts`: what each attempt said; all but the last were lost on the way. */
  | { readonly do: 'model'; readonly texts: readonly string[][]; readonly branch: boolean }
  | { readonly do: 'patch'; readonly value: number }
  | { readonly do: 'sleep' | 'pure' | 'pause' | 'again' };

export interface History {
  readonly commits: readonly DecodedCommit[];
  /** In the order in which they were generated, with the number of the commit that permitted them. */
  readonly tokens: readonly (Token & { readonly permit: number })[];
}

const allow: Decision = { entry: 'summit/action/decision', policy: 'p', verdict: 'allow', reasons: ['fine'] };

/** Writes a history; every method is one commit. */
export class Historian {
  readonly commits: DecodedCommit[] = [];
  readonly tokens: (Token & { readonly permit: number })[] = [];
  state: Json = {};
  stateVersion = 0;
  readonly runId: string;
  readonly tenant: string;
  #steps = 0;

  constructor(runId = 'run_00_000000000aaaaaaaa', tenant = 'acme') {
    this.runId = runId;
    this.tenant = tenant;
  }

  commit(...events: RunEvent[]): number {
    const version = this.commits.length + 1;
    this.commits.push({
      id: `00-${this.tenant}-${String(version)}`,
      erased: false,
      commit: {
        tenant: this.tenant,
        entity: { kind: 'run', id: this.runId },
        version,
        tenantIndex: version,
        tenantPrev: '',
        salt: '',
        key: 'k',
        causationId: '',
        correlationId: '',
        actor: { kind: 'user', id: 'u', name: 'alice' },
        at: 1000 + version,
        trace: '',
        decisions: [allow],
        events,
      },
    });
    return version;
  }

  start(): void {
    const data = { workflow: 'w', version: '1', threadId: 't 1', input: { a: 1 }, seed: '00' };
    this.commit(
      { type: 'RunCreated', v: 1, basis: 0, thread: 's', data },
      {
        type: 'RunAssigned',
        v: 1,
        basis: 'assignment',
        executor: 'e',
        leaderEpoch: 1,
        assignment: 1,
        kept: false,
      },
    );
  }

  propose(kind: 'tool' | 'step' | 'model' | 'sleep'): RunEvent & { readonly step: number } {
    const step = this.#steps++;
    const data = { stepKey: `${kind}#${String(step)}`, name: kind, args: { n: step } };
    return { type: 'StepProposed', v: 1, basis: 0, step, kind, effect: 'idempotent', actionHash: 'h', data };
  }

  permit(step: number, attempt: number): RunEvent {
    const to = { executor: 'e', leaderEpoch: 1, assignment: 1 };
    return { type: 'PermitGranted', v: 1, basis: 0, step, attempt, ...to, actionHash: 'h' };
  }

  complete(step: number, attempt: number, output: Json): RunEvent {
    return { type: 'StepCompleted', v: 1, basis: 'outcome', step, attempt, at: 1, data: { output } };
  }

  say(step: string, attempt: number, permit: number, deltas: readonly string[]): void {
    for (const [index, delta] of deltas.entries())
      this.tokens.push({ step, attempt, index, delta, at: 1, permit });
  }

  deed(deed: Deed): void {
    switch (deed.do) {
      case 'tool':
      case 'step':
        this.#effect(deed);
        return;
      case 'model':
        this.#model(deed.texts, deed.branch);
        return;
      case 'patch': {
        this.state = { value: deed.value };
        const patch = [{ op: 'add', path: '/value', value: deed.value }];
        const step = this.#steps++;
        const data = { stepKey: `patch#${String(step)}`, patch, hash: stateHash(this.state) };
        const stateVersion = ++this.stateVersion;
        this.commit({ type: 'StatePatched', v: 1, basis: 0, step, stateVersion, actionHash: 'h', data });
        return;
      }
      case 'sleep': {
        const proposed = this.propose('sleep');
        this.commit(proposed);
        this.commit({
          type: 'StepCompleted',
          v: 1,
          basis: 'timer',
          step: proposed.step,
          attempt: 0,
          data: { output: null },
        });
        return;
      }
      case 'pure':
        this.commit({
          type: 'PureComputed',
          v: 1,
          basis: 0,
          count: 2,
          data: {
            steps: [0, 1].map((n) => ({ stepKey: `pure#${String(this.#steps)}.${String(n)}`, output: n })),
          },
        });
        return;
      case 'pause':
        this.commit({ type: 'RunPaused', v: 1, basis: 0 });
        this.commit({ type: 'RunResumed', v: 1, basis: 0 });
        return;
      case 'again': // given to another executor, its coroutine kept
        this.commit({
          type: 'RunAssigned',
          v: 1,
          basis: 'assignment',
          executor: 'f',
          leaderEpoch: 2,
          assignment: 2,
          kept: true,
        });
    }
  }

  #effect({ do: kind, fails, ends }: Extract<Deed, { ends: string }>): void {
    const proposed = this.propose(kind);
    const { step } = proposed;
    const error = { code: 'TOOL_FAILED', message: 'no' };
    if (ends === 'denied') {
      this.commit(proposed, { type: 'StepDenied', v: 1, basis: 0, step, data: { error } });
      return;
    }
    this.commit(proposed, this.permit(step, 1));
    for (let attempt = 1; attempt <= fails; attempt++) {
      this.commit({
        type: 'AttemptFailed',
        v: 1,
        basis: 'outcome',
        step,
        attempt,
        retryAt: 5,
        data: { error },
      });
      this.commit(this.permit(step, attempt + 1));
    }
    const attempt = fails + 1;
    if (ends === 'well') this.commit(this.complete(step, attempt, { n: step }));
    else this.commit({ type: 'StepFailed', v: 1, basis: 'outcome', step, attempt, data: { error } });
  }

  /** `branch`: two calls at once, permitted by one commit. */
  #model(texts: readonly string[][], branch: boolean): void {
    const calls = Array.from({ length: branch ? 2 : 1 }, () => this.propose('model'));
    for (const [i, deltas] of texts.entries()) {
      const attempt = i + 1;
      const permits = calls.map(({ step }) => this.permit(step, attempt));
      const permit = this.commit(...(i === 0 ? calls : []), ...permits);
      for (const { step } of calls) this.say(`model#${String(step)}`, attempt, permit, deltas);
    }
    const deltas = texts.at(-1) ?? [];
    const reply = { text: deltas.join(''), toolCalls: [], tokens: { count: deltas.length, digest: '' } };
    for (const { step } of calls) this.commit(this.complete(step, texts.length, reply));
  }
}

const texts = fc.array(fc.array(fc.string({ minLength: 1, maxLength: 4 }), { maxLength: 8 }), {
  minLength: 1,
  maxLength: 3,
});
const deed: fc.Arbitrary<Deed> = fc.oneof(
  fc.record({
    do: fc.constantFrom('tool' as const, 'step' as const),
    fails: fc.nat(2),
    ends: fc.constantFrom('well' as const, 'badly' as const, 'denied' as const),
  }),
  fc.record({ do: fc.constant('model' as const), texts, branch: fc.boolean() }),
  fc.record({ do: fc.constant('patch' as const), value: fc.nat() }),
  fc.record({ do: fc.constantFrom('sleep' as const, 'pure' as const, 'pause' as const, 'again' as const) }),
);

/** A run of a few deeds, from its start to its end. */
export const history: fc.Arbitrary<History> = fc.array(deed, { minLength: 1, maxLength: 6 }).map((deeds) => {
  const historian = new Historian();
  historian.start();
  for (const one of deeds) historian.deed(one);
  historian.commit({ type: 'RunCompleted', v: 1, basis: 0, data: { output: 'done' } });
  return historian;
});

/** A commit whose key was destroyed. */
export function erasedCommit({ id, commit }: DecodedCommit): DecodedCommit {
  const events = commit.events.map((event) => ({ ...event, data: undefined }));
  const { kind, id: actor } = commit.actor;
  const decisions = commit.decisions.map(({ entry, policy, verdict }) => ({ entry, policy, verdict }));
  return { id, erased: true, commit: { ...commit, actor: { kind, id: actor }, decisions, events } };
}
