import {
  type Actor,
  type AnyEvent,
  type Commit,
  decodeCommit,
  type Decision,
  encodeCommit,
  lineText,
  type Opener,
  type RunEvent,
  type Sealer,
  type ToolDefinition,
  withSealed,
} from '@summit/events';
import { canonicalJson, type Digest, type Json } from '@summit/kernel';
import { type PolicyAnswer, policyInputSchema, type PolicyRequest } from '@summit/policy';
import { planDecide } from './approval.decide.ts';
import { type DecideApproval } from './approval.edit.ts';
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
/** People are asked, under these terms. */
export const ask = (quorum = 1, more: Readonly<Record<string, Json>> = {}): PolicyAnswer => ({
  ...allow,
  verdict: 'require_approval',
  reasons: ['it is much'],
  obligations: [
    { id: 'approval', type: 'approval', params: { quorum, roles: ['reviewer'], ttl_s: 60, ...more } },
  ],
});
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
  sealLine: (context, clear, plaintext) =>
    Buffer.from(withSealed(clear, open.seal(context, clear, plaintext))),
  open: (_context, _associated, sealed) => Buffer.from(sealed, 'base64').toString(),
};
const erased: Opener = { open: () => undefined };

export const call = (name: keyof typeof definitions, key = `${name}#0`, args: Json = 'x'): FrameItem => ({
  kind: 'propose',
  stepKey: key,
  step: 'tool',
  name,
  tool: digestOf(name),
  args,
});

/** [C3.1] What policy saw is a canonical `PolicyInput`, and reads back to the same bytes, however it is kept. */
function readsBack(commit: Commit, read: Commit): void {
  commit.decisions.forEach(({ input = '' }, n) => {
    if (read.decisions[n]?.input !== input) throw new Error(`the input of decision ${String(n)} changed`);
    if (canonicalJson(policyInputSchema.parse(JSON.parse(input))) !== input)
      throw new Error(`not canonical: ${input}`);
  });
}

/** A partition whose commits are kept as they would be stored. */
export class Partition {
  readonly state: PartitionState = emptyPartition(0);
  readonly lines: { line: string; digest: Digest }[] = [];
  now = 1000;
  executor = 'e1';
  /** Who acts, where it is not the executor. */
  person: Actor | undefined;
  reachable = true;

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
      actor: this.person ?? { kind: 'executor', id: this.executor, ...(version === 1 && { name: 'alice' }) },
      at: this.now,
      trace: '',
      decisions: draft.decisions ?? [],
      events: draft.events,
    };
    const encoded = encodeCommit(0, commit, open);
    const { digest } = encoded;
    const line = lineText(encoded);
    this.lines.push({ line, digest });
    const read = decodeCommit(0, line, open).commit;
    readsBack(commit, read);
    evolvePartition(this.state, read, digest);
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

  /** Concludes a plan with what a rule answers to each question, records it, and gives its events. */
  ruled(plan: Plan, rule: (request: PolicyRequest) => PolicyAnswer, cause = 'leader:x'): readonly RunEvent[] {
    const answers = plan.requests.map(rule);
    const further = plan.more?.(answers);
    if (further) return this.ruled(further, rule, cause);
    const draft: Draft = plan.conclude(answers);
    this.record(draft, cause);
    return draft.events;
  }

  /** What somebody answers to the question that is open. */
  answer(name: string, command: DecideApproval, rule = (_: PolicyRequest) => allow): readonly RunEvent[] {
    const [approval] = this.state.approvals.size > 0 ? [...this.state.approvals.values()].slice(-1) : [];
    if (!approval) throw new Error('nobody is asked');
    this.person = { kind: 'user', id: `u-${name}`, name };
    try {
      const asker = { actor: this.person, roles: ['reviewer'], now: this.now };
      const scope = { ...this.scope(), reachable: this.reachable };
      return this.ruled(planDecide(this.run, approval, command, asker, scope), rule, 'command:y');
    } finally {
      this.person = undefined;
    }
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
