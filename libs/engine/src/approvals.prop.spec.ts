import { describe, expect, it } from '@jest/globals';
import { type AnyEvent, decodeCommit } from '@summit/events';
import { canonicalJson, hasCode, sha256 } from '@summit/kernel';
import { type PolicyAnswer, type PolicyRequest } from '@summit/policy';
import fc from 'fast-check';
import { type FrameItem } from './frame.ts';
import { allow, ask, call, type definitions, deny, Partition, RUN } from './partition.fixture.ts';
import { planCommand, type RunCommand } from './run.commands.ts';
import { endWithoutExecutor } from './run.end.ts';
import { planFrame } from './run.frame.ts';
import { planUpkeep } from './run.leader.ts';
import { outcomeEvents } from './run.outcome.ts';

/** What may happen to a run whose every tool call people are asked about. */
type Move =
  | { readonly kind: 'propose'; readonly tool: keyof typeof definitions }
  | { readonly kind: 'answer'; readonly who: string; readonly what: What; readonly stale: boolean }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'upkeep' }
  | { readonly kind: 'command'; readonly command: RunCommand }
  | { readonly kind: 'assign'; readonly executor: string }
  | { readonly kind: 'report'; readonly unknown: boolean; readonly pick: number }
  | { readonly kind: 'end' };
type What = 'approve' | 'reject' | 'modify' | 'abstain';

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      kind: constant('propose'),
      tool: of<keyof typeof definitions>('keyed', 'once', 'blind'),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({
      kind: constant('answer'),
      who: of('bob', 'carol', 'dave'),
      what: of<What>('approve', 'approve', 'modify', 'reject', 'abstain'),
      stale: fc.nat(7).map((n) => n === 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: constant('wait'), ms: fc.integer({ min: 1, max: 70_000 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: constant('upkeep') }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: constant('command'),
      command: of<RunCommand>({ verb: 'pause' }, { verb: 'resume' }, { verb: 'cancel', reason: '' }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: constant('assign'), executor: of('e1', 'e2') }) },
  { weight: 2, arbitrary: fc.record({ kind: constant('report'), unknown: fc.boolean(), pick: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ kind: constant('end') }) },
);

function constant<Value extends string>(value: Value): fc.Arbitrary<Value> {
  return fc.constant(value);
}
function of<Value>(...values: Value[]): fc.Arbitrary<Value> {
  return fc.constantFrom(...values);
}

/** People with a quorum are asked about every tool call; one who has answered the question as it is may not again. */
const ruleOf =
  (quorum: number) =>
  ({ input }: PolicyRequest): PolicyAnswer => {
    const { action, actor } = JSON.parse(input) as {
      action: { kind: string; deciders?: string[] };
      actor: { id: string };
    };
    if (action.kind === 'approval.decide') return action.deciders?.includes(actor.id) ? deny : allow;
    return action.kind === 'tool' ? ask(quorum) : allow;
  };

let keys = 0;

function play(partition: Partition, next: Move, rule: (request: PolicyRequest) => PolicyAnswer): void {
  const { run, asker } = partition;
  switch (next.kind) {
    case 'propose':
      say(partition, [call(next.tool, `k${String(keys++)}`, { amount: 7 })], rule);
      break;
    case 'answer': {
      const open = [...partition.state.approvals.values()].at(-1);
      const actionHash = next.stale ? 'f'.repeat(64) : (open?.ask.actionHash ?? '');
      const edit = next.what === 'modify' ? { action: { amount: keys++ } } : {};
      if (open) partition.answer(next.who, { decision: next.what, actionHash, ...edit }, rule);
      break;
    }
    case 'wait':
      partition.now += next.ms;
      break;
    case 'upkeep':
      partition.ruled(planUpkeep(run, asker, partition.scope()), rule);
      break;
    case 'command':
      partition.ruled(planCommand(run, next.command, asker), () => allow);
      break;
    case 'assign':
      partition.assign(next.executor);
      break;
    case 'report':
      report(partition, next);
      break;
    case 'end':
      if (run.cancelRequested) partition.record({ events: endWithoutExecutor(run) });
  }
}

function say(
  partition: Partition,
  items: readonly FrameItem[],
  rule: (request: PolicyRequest) => PolicyAnswer,
): void {
  const cause = partition.cause();
  const plan = planFrame(partition.run, partition.frame(items), partition.asker, partition.scope());
  partition.ruled(plan, rule, cause);
}

function report(partition: Partition, { unknown, pick }: { unknown: boolean; pick: number }): void {
  const { run } = partition;
  const step = run.byNumber[pick % Math.max(1, run.byNumber.length)];
  if (!step) return;
  const { stepKey, attempt, executor = '' } = step;
  const item: FrameItem = unknown
    ? { kind: 'failure', stepKey, attempt, error: { code: 'NO', message: 'no' }, unknown: true }
    : { kind: 'outcome', stepKey, attempt, output: pick, at: 1 };
  partition.record({ events: outcomeEvents(run, executor, item, partition.now, true) }, 'late:1.0');
}

const REFUSED = ['APPROVAL_CLOSED', 'APPROVAL_EXPIRED', 'APPROVAL_STALE', 'POLICY_DENIED', 'FRAME_REFUSED'];

/** Plays moves until the run has ended; what is refused changes nothing. */
function live(moves: readonly Move[], quorum: number): Partition {
  keys = 0;
  const partition = new Partition().given();
  for (const next of moves) {
    if (!partition.state.runs.has(RUN)) break;
    const before = partition.lines.length;
    try {
      play(partition, next, ruleOf(quorum));
    } catch (error) {
      if (!REFUSED.some((code) => hasCode(error, code))) throw error;
      expect(partition.lines).toHaveLength(before);
    }
  }
  return partition;
}

interface Happened {
  readonly event: AnyEvent;
  readonly by: string;
  readonly at: number;
}
const opener = { open: (_: unknown, __: string, sealed: string) => Buffer.from(sealed, 'base64').toString() };
const happenings = (partition: Partition): Happened[] =>
  partition.lines.flatMap(({ line }) => {
    const { events, actor, at } = decodeCommit(0, line, opener).commit;
    return events.map((event) => ({ event, by: actor.id, at }));
  });

const histories = fc.array(move, { minLength: 1, maxLength: 40 });
const quorums = fc.integer({ min: 1, max: 2 });

describe('any order of questions, answers, time and cancels', () => {
  it('[C3.1] [I3] permits nothing that enough different people did not agree to, as it is executed', () => {
    fc.assert(
      fc.property(histories, quorums, (moves, quorum) => {
        const agreed = new Map<string, Set<string>>();
        for (const { event, by } of happenings(live(moves, quorum))) {
          if (event.type === 'ApprovalDecided' && ['approve', 'modify'].includes(event.decision)) {
            const of = `${String(event.step)} ${event.newHash ?? event.actionHash}`;
            agreed.set(of, (agreed.get(of) ?? new Set()).add(by));
          }
          if (event.type !== 'PermitGranted') continue;
          const people = agreed.get(`${String(event.step)} ${event.actionHash}`);
          expect(people?.size ?? 0).toBeGreaterThanOrEqual(quorum);
        }
      }),
      { numRuns: 700 },
    );
  });

  it('[I4] permits an attempt once, and a once step again only by proof or a person’s word', () => {
    fc.assert(
      fc.property(histories, quorums, (moves, quorum) => {
        const permitted = new Set<string>();
        const proven = new Set<string>();
        const once = new Set<number>();
        for (const { event } of happenings(live(moves, quorum))) {
          if (event.type === 'StepProposed' && event.effect === 'once') once.add(event.step);
          if (event.type === 'EffectNeverHappened' || event.type === 'AttemptFailed') {
            proven.add(`${String(event.step)}.${String(event.attempt)}`);
          }
          if (event.type !== 'PermitGranted') continue;
          const { step, attempt } = event;
          expect(permitted).not.toContain(`${String(step)}.${String(attempt)}`);
          permitted.add(`${String(step)}.${String(attempt)}`);
          if (once.has(step) && attempt > 1)
            expect(proven).toContain(`${String(step)}.${String(attempt - 1)}`);
        }
      }),
      { numRuns: 700 },
    );
  });

  it('[C3.2] closes each question once, in time, and permits nothing after a rejection, an expiry or a cancel', () => {
    fc.assert(
      fc.property(histories, quorums, (moves, quorum) => {
        const closed = new Set<string>();
        const shut = new Set<number>();
        let cancelled = false;
        for (const { event } of happenings(live(moves, quorum))) {
          if (event.type === 'RunCancelRequested') cancelled = true;
          if (event.type === 'PermitGranted') {
            expect(cancelled).toBe(false);
            expect(shut).not.toContain(event.step);
          }
          if (event.type === 'StepDenied') shut.add(event.step);
          const closes =
            event.type === 'ApprovalExpired' ||
            event.type === 'ApprovalWithdrawn' ||
            (event.type === 'ApprovalDecided' && event.outcome !== undefined);
          if (!closes) continue;
          expect(closed).not.toContain(event.approval);
          closed.add(event.approval);
        }
      }),
      { numRuns: 700 },
    );
  });

  it('[C3.2] shows what it is bound to; leaves none open at the end; folds to the same, erased too [I6]', () => {
    fc.assert(
      fc.property(histories, quorums, (moves, quorum) => {
        const partition = live(moves, quorum);
        for (const { ask: open } of partition.state.approvals.values()) {
          expect(sha256(canonicalJson(open.shown))).toBe(open.actionHash);
        }
        const open = [...partition.state.approvals.values()].filter(({ status }) => status === 'open');
        if (partition.state.finished.has(RUN)) expect(open).toEqual([]);
        expect(partition.folded()).toEqual(partition.state);
        const erased = partition.folded('erased');
        expect([...erased.approvals.values()].map(({ status }) => status)).toEqual(
          [...partition.state.approvals.values()].map(({ status }) => status),
        );
      }),
      { numRuns: 500 },
    );
  });
});
