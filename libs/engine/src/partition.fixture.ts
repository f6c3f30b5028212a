import {
  type AnyEvent,
  type Commit,
  decodeCommit,
  type Decision,
  encodeCommit,
  type Opener,
  type RunEvent,
  type Sealer,
  type ToolDefinition,
} from '@summit/events';
import { type Digest } from '@summit/kernel';
import { type PolicyAnswer } from '@summit/policy';
import { definitionDigest } from './catalogue.ts';
import { type Frame, type FrameItem } from './frame.ts';
import { emptyPartition, evolvePartition, type PartitionState, tenantOf, threadOf } from './partition.ts';
import { type Asker, type Draft, type Plan } from './plan.ts';
import { frameCause } from './run.evolve.ts';
import { type RunScope, type Tools } from './run.proposal.ts';
import { type RunState } from './run.state.ts';

export const TENANT = 'acme';
export const RUN = 'run_00_000000000aaaaaaaa';
export const allow: PolicyAnswer = { policy: '0'.repeat(64), verdict: 'allow', reasons: [], obligations: [] };
export const deny: PolicyAnswer = { ...allow, verdict: 'deny', reasons: ['no'] };

const definition = (name: string, effect: ToolDefinition['effect'], reconciles = false): ToolDefinition => ({
  name,
  description: '',
  effect,
  input: {},
  output: {},
  sensitive: false,
  timeoutMs: 1000,
  retry: { maxAttempts: 3, initialMs: 100, factor: 2, maxMs: 1000 },
  reconciles,
});

export const definitions = {
  keyed: definition('keyed', 'idempotent'),
  once: definition('once', 'once', true),
  blind: definition('blind', 'once'),
};
const byDigest = new Map(Object.values(definitions).map((tool) => [definitionDigest(tool), tool]));
export const digestOf = (name: keyof typeof definitions): string => definitionDigest(definitions[name]);

export const tools: Tools = {
  definition: (tool) => byDigest.get(tool),
  mismatch: (_tool, args) => (args === 'wrong' ? 'it is wrong' : undefined),
  outputMismatch: (_tool, output) => (output === 'wrong' ? 'it is wrong' : undefined),
};

/** Sealing that hides nothing: what is sealed is a matter of other tests. */
const open: Sealer & Opener = {
  seal: (_context, _associated, plaintext) => Buffer.from(plaintext).toString('base64'),
  open: (_context, _associated, sealed) => Buffer.from(sealed, 'base64').toString(),
};
const erased: Opener = { open: () => undefined };

export const call = (name: keyof typeof definitions, key = `${name}#0`, args = 'x'): FrameItem => ({
  kind: 'propose',
  stepKey: key,
  step: 'tool',
  name,
  tool: digestOf(name),
  args,
});

/** A partition whose commits are kept as they would be stored. */
export class Partition {
  readonly state: PartitionState = emptyPartition(0);
  readonly lines: { line: string; digest: Digest }[] = [];
  now = 1000;
  executor = 'e1';

  get run(): RunState {
    const run = this.state.runs.get(RUN);
    if (!run) throw new Error('the run has ended');
    return run;
  }

  get asker(): Asker {
    return { actor: { kind: 'executor', id: this.executor }, roles: [], now: this.now };
  }

  scope(run = this.run): RunScope {
    const { leader, assignment } = run.epoch ?? { leader: 0, assignment: 0 };
    return {
      tools,
      thread: threadOf(this.state, run),
      executor: run.executor ?? '',
      leaderEpoch: leader,
      assignment,
    };
  }

  record(
    draft: { decisions?: Decision[]; events: readonly AnyEvent[] },
    cause = 'command:x',
    id = RUN,
  ): this {
    const { nextIndex, prev } = tenantOf(this.state, TENANT);
    const version = (this.state.runs.get(id)?.version ?? 0) + 1;
    const commit: Commit = {
      tenant: TENANT,
      entity: { kind: 'run', id },
      version,
      tenantIndex: nextIndex,
      tenantPrev: prev,
      salt: '0'.repeat(32),
      key: 'k1',
      causationId: cause,
      correlationId: id,
      actor: { kind: 'executor', id: this.executor, name: 'alice' },
      at: this.now,
      trace: '',
      decisions: draft.decisions ?? [],
      events: draft.events,
    };
    const { line, digest } = encodeCommit(0, commit, open);
    this.lines.push({ line, digest });
    evolvePartition(this.state, decodeCommit(0, line, open).commit, digest);
    return this;
  }

  /** A run that an executor has. */
  given(): this {
    const data = { workflow: 'w', version: '1', threadId: 't', input: null, seed: '00' };
    this.record({ events: [{ type: 'RunCreated', v: 1, basis: 'assignment', thread: 'th', data }] });
    return this.assign();
  }

  assign(executor = 'e1', kept = false, leaderEpoch = this.run.epoch?.leader ?? 1): this {
    this.executor = executor;
    const assignment = (this.run.epoch?.assignment ?? 0) + 1;
    const event = {
      type: 'RunAssigned',
      v: 1,
      basis: 'assignment',
      executor,
      leaderEpoch,
      assignment,
      kept,
    } as const;
    return this.record({ events: [event] });
  }

  frame(items: readonly FrameItem[], number = this.run.frame + 1): Frame {
    const epoch = this.run.epoch ?? { leader: 0, assignment: 0 };
    return { tenant: TENANT, runId: RUN, executor: this.executor, epoch, number, items };
  }

  /** Concludes a plan with one answer for all, records it, and gives its events. */
  conclude(plan: Plan, answer: PolicyAnswer = allow, cause = 'leader:x'): readonly RunEvent[] {
    const draft: Draft = plan.conclude(plan.requests.map(() => answer));
    this.record(draft, cause);
    return draft.events;
  }

  cause(): string {
    return frameCause(this.run.epoch?.assignment ?? 0, this.run.frame + 1);
  }

  /** The stored lines folded again, by who holds the keys or by who does not. */
  folded(how: 'opened' | 'erased' = 'opened'): PartitionState {
    const state = emptyPartition(0);
    for (const { line, digest } of this.lines) {
      evolvePartition(state, decodeCommit(0, line, how === 'opened' ? open : erased).commit, digest);
    }
    return state;
  }
}
