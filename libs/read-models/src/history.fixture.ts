import {
  type AnyEvent,
  type Commit,
  type Decision,
  encodeCommit,
  lineText,
  type Entity,
} from '@summit/events';
import { encodeGroup, FIRST_PREV, MemoryJournal } from '@summit/journal';
import { makeId, sha256, ZERO_DIGEST } from '@summit/kernel';
import { type KeyStore, MemoryKeyStore, Vault } from '@summit/vault';

const HASH = sha256('action');
const allow: Decision = { entry: 'summit/action/decision', policy: sha256('policy'), verdict: 'allow' };
const RETRY = { maxAttempts: 3, initialMs: 1, factor: 1, maxMs: 1 };

/** What people are asked, but its name. */
const asked = (secret: string, step: number) => ({
  roles: ['reviewer'],
  shown: { arguments: { secret }, stepKey: `s#${String(step)}` },
  reasons: [],
  separation: true,
});

/** A run of a history, and what it has made. */
export interface PastRun {
  readonly tenant: string;
  readonly runId: string;
  readonly threadId: string;
  readonly key: string;
  steps: number;
}

/** Writes a partition's journal as a leader would, sealed; its clock ticks with each commit. */
export class History {
  readonly journal = new MemoryJournal();
  readonly keys: KeyStore;
  readonly vault: Vault;
  readonly #tails = new Map<string, { index: number; prev: string }>();
  readonly #versions = new Map<string, number>();
  readonly #threads = new Map<string, { key: string; state: number; messages: number }>();
  readonly #group: { line: string; digest: string }[] = [];
  #prev = FIRST_PREV;
  #at = 1_795_000_000_000;
  #runs = 0;

  constructor(keys: KeyStore = new MemoryKeyStore()) {
    this.keys = keys;
    this.vault = new Vault(keys);
  }

  /** Time of the next commit. */
  get at(): number {
    return this.#at;
  }

  start(tenant: string, threadId: string, workflow = 'refund', message?: string): PastRun {
    const { key } = this.#thread(tenant, threadId);
    const runId = makeId('run', 0, this.#at, String(this.#runs++).padStart(12, '0'));
    const run = { tenant, runId, threadId, key, steps: 0 };
    const thread = this.vault.surrogate(tenant, 'thread', threadId);
    const seed = '0'.repeat(32);
    const data = { workflow, version: '1', threadId, input: { secret: 'INPUT' }, seed };
    const events: AnyEvent[] = [
      { type: 'RunCreated', v: 1, basis: 0, thread, data },
      {
        type: 'RunAssigned',
        v: 1,
        basis: 'assignment',
        executor: 'ex-1',
        leaderEpoch: 1,
        assignment: 1,
        kept: false,
      },
    ];
    if (message !== undefined) events.push(this.#message(run, 'user', message));
    this.#append(run, events);
    return run;
  }

  /** A tool call that is proposed and permitted; `settle` ends it. */
  propose(run: PastRun, kind: 'tool' | 'signal' = 'tool'): number {
    const step = run.steps++;
    const data = { stepKey: `s#${String(step)}`, name: 'payments.refund', args: { secret: 'ARGS' } };
    const more = { effect: 'idempotent' as const, actionHash: HASH, retry: RETRY, data };
    const events: AnyEvent[] = [{ type: 'StepProposed', v: 1, basis: 0, step, kind, ...more }];
    if (kind === 'tool') events.push(this.#permit(step, 1));
    this.#append(run, events);
    return step;
  }

  settle(run: PastRun, step: number, how: 'completed' | 'failed' | 'unknown' | 'again'): void {
    const error = { code: 'TOOL_FAILED', message: 'SECRET' };
    const at = { v: 1, basis: 'outcome', step } as const;
    const events: Readonly<Record<typeof how, readonly AnyEvent[]>> = {
      completed: [
        { type: 'StepCompleted', ...at, attempt: 1, at: this.#at, data: { output: { secret: 'OUTPUT' } } },
      ],
      failed: [{ type: 'StepFailed', ...at, attempt: 1, data: { error } }],
      unknown: [{ type: 'EffectUnknown', ...at, attempt: 1, data: { reason: 'SECRET' } }],
      again: [
        { type: 'AttemptFailed', ...at, attempt: 1, retryAt: 1, data: { error } },
        this.#permit(step, 2),
      ],
    };
    this.#append(run, events[how]);
  }

  patch(run: PastRun): void {
    const thread = this.#thread(run.tenant, run.threadId);
    const [step, stateVersion] = [run.steps++, ++thread.state];
    const data = { stepKey: `p#${String(step)}`, patch: [{ op: 'add', path: '/a', value: 'SECRET' }] };
    this.#append(run, [{ type: 'StatePatched', v: 1, basis: 0, step, stateVersion, actionHash: HASH, data }]);
  }

  say(run: PastRun, role: 'user' | 'assistant', content: string): void {
    this.#append(run, [this.#message(run, role, content)]);
  }

  /** People are asked about the run's step, and one of them answers. */
  ask(run: PastRun, answer?: 'approve' | 'reject'): string {
    const step = this.propose(run, 'signal');
    const approval = makeId('apr', 0, this.#at, String(this.#runs++).padStart(12, '0'));
    const data = { ...asked('SHOWN', step), name: 'pay' };
    const of = { v: 1, basis: 0, approval, step, ...this.#terms() } as const;
    this.#append(run, [{ type: 'ApprovalRequested', ...of, about: 'action', data }]);
    if (answer) this.answer(run, approval, answer);
    return approval;
  }

  /** The question goes on: about something else, or others are asked. */
  goOn(run: PastRun, approval: string, how: 'ApprovalAmended' | 'ApprovalEscalated'): void {
    const of = { v: 1, basis: 0, approval } as const;
    const terms = this.#terms();
    const events: Readonly<Record<typeof how, AnyEvent>> = {
      ApprovalAmended: { type: 'ApprovalAmended', ...of, ...terms, data: asked('AMENDED', 0) },
      ApprovalEscalated: {
        ...{ type: 'ApprovalEscalated', ...of, expiresAt: terms.expiresAt },
        data: { roles: ['boss'] },
      },
    };
    this.#append(run, [events[how]]);
  }

  /** Somebody answers; what they abstain from stays open. */
  answer(run: PastRun, approval: string, decision: 'approve' | 'reject' | 'abstain'): void {
    const outcomes = { approve: 'approved', reject: 'rejected', abstain: undefined } as const;
    const outcome = outcomes[decision];
    const data = { roles: ['reviewer'], reason: 'SECRET' };
    const said = { decision, actionHash: HASH, ...(outcome && { outcome }), data };
    this.#append(run, [{ type: 'ApprovalDecided', v: 1, basis: 0, approval, ...said }]);
  }

  pause(run: PastRun, how: 'RunPaused' | 'RunResumed'): void {
    this.#append(run, [{ type: how, v: 1, basis: 0 }]);
  }

  end(run: PastRun, how: 'completed' | 'failed' | 'cancelled'): void {
    const error = { code: 'RUN_FAILED', message: 'SECRET' };
    const events: Readonly<Record<typeof how, AnyEvent>> = {
      completed: { type: 'RunCompleted', v: 1, basis: 'outcome', data: { output: { secret: 'RESULT' } } },
      failed: { type: 'RunFailed', v: 1, basis: 'failure', data: { error } },
      cancelled: { type: 'RunCancelled', v: 1, basis: 0 },
    };
    this.#append(run, [events[how]]);
  }

  /** Stores what was written since as one group. */
  flush(): void {
    if (this.#group.length === 0) return;
    const header = {
      partition: 0,
      generation: 1,
      epoch: 1,
      groupId: String(this.journal.last),
      prev: this.#prev,
    };
    const { bytes, digest } = encodeGroup(header, this.#group.splice(0));
    this.#prev = digest;
    this.journal.land(bytes, this.journal.last);
  }

  #terms(): { actionHash: string; quorum: number; expiresAt: number } {
    return { actionHash: HASH, quorum: 1, expiresAt: this.#at + 1000 };
  }

  #permit(step: number, attempt: number): AnyEvent {
    const to = { executor: 'ex-1', leaderEpoch: 1, assignment: 1, actionHash: HASH };
    return { type: 'PermitGranted', v: 1, basis: 0, step, attempt, ...to };
  }

  #message({ tenant, threadId }: PastRun, role: 'user' | 'assistant', content: string): AnyEvent {
    const index = this.#thread(tenant, threadId).messages++;
    return { type: 'MessageAppended', v: 1, basis: 0, index, role, data: { message: { role, content } } };
  }

  #thread(tenant: string, threadId: string): { key: string; state: number; messages: number } {
    const name = `${tenant}\n${threadId}`;
    const known = this.#threads.get(name);
    if (known) return known;
    const made = { key: this.vault.takeThreadKey(tenant), state: 0, messages: 0 };
    this.#threads.set(name, made);
    return made;
  }

  #append({ tenant, runId, key }: PastRun, events: readonly AnyEvent[]): void {
    const tail = this.#tails.get(tenant) ?? { index: 0, prev: ZERO_DIGEST };
    const entity: Entity = { kind: 'run', id: runId };
    const version = (this.#versions.get(runId) ?? 0) + 1;
    const commit: Commit = {
      ...{
        tenant,
        entity,
        version,
        tenantIndex: tail.index,
        tenantPrev: tail.prev,
        salt: sha256(runId + String(version)).slice(0, 32),
      },
      ...{ key, causationId: 'frame:1.1', correlationId: runId, at: this.#at++, trace: '' },
      actor: { kind: 'user', id: this.vault.surrogate(tenant, 'user', 'alice'), name: 'alice SECRET' },
      decisions: events.some(({ basis }) => basis === 0) ? [allow] : [],
      events,
    };
    const encoded = encodeCommit(0, commit, this.vault);
    const { digest } = encoded;
    this.#tails.set(tenant, { index: tail.index + 1, prev: digest });
    this.#versions.set(runId, version);
    this.#group.push({ line: lineText(encoded), digest });
  }
}
