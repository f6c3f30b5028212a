import { describe, expect, it } from '@jest/globals';
import { hasCode } from '@summit/kernel';
import fc from 'fast-check';
import { type FrameItem } from './frame.ts';
import { allow, call, deny, Partition, RUN } from './partition.fixture.ts';
import { planCommand, type RunCommand } from './run.commands.ts';
import { endWithoutExecutor } from './run.end.ts';
import { planFrame } from './run.frame.ts';
import { planUpkeep } from './run.leader.ts';
import { outcomeEvents } from './run.outcome.ts';
import { threadOf } from './partition.ts';
import { planStateEdit } from './thread.commands.ts';
import { applyPatch } from './patch.ts';

/** What may happen to a run next; a number picks among what is open. */
type Move =
  | { readonly kind: 'frame'; readonly items: readonly Item[]; readonly denied: boolean }
  | { readonly kind: 'assign'; readonly executor: string; readonly kept: boolean; readonly newReign: boolean }
  | { readonly kind: 'late'; readonly item: Item; readonly executor: string }
  | { readonly kind: 'command'; readonly command: RunCommand }
  | { readonly kind: 'edit'; readonly pick: number; readonly denied: boolean }
  | { readonly kind: 'upkeep'; readonly denied: boolean; readonly reachable: boolean }
  | { readonly kind: 'wait'; readonly ms: number };
interface Item {
  readonly what: (typeof ITEMS)[number];
  readonly pick: number;
}
const ITEMS = [
  'keyed',
  'once',
  'blind',
  'sleep',
  'signal',
  'patch',
  'pure',
  'outcome',
  'failure',
  'unknown',
  'done',
  'never',
  'doubtful',
  'delivered',
  'edited',
  'complete',
  'fail',
  'stopped',
  'diverged',
] as const;

const item = fc.record({ what: fc.constantFrom(...ITEMS), pick: fc.nat(9) });
const executor = fc.constantFrom('e1', 'e2');
const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('frame' as const),
      items: fc.array(item, { maxLength: 4 }),
      denied: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('assign' as const),
      executor,
      kept: fc.boolean(),
      newReign: fc.boolean(),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('late' as const), item, executor }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('edit' as const), pick: fc.nat(9), denied: fc.boolean() }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('command' as const), command: commands() }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('upkeep' as const),
      denied: fc.boolean(),
      reachable: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 9000 }) }),
  },
);

function commands(): fc.Arbitrary<RunCommand> {
  return fc.constantFrom<RunCommand>(
    { verb: 'signal', name: 'go', payload: 1 },
    { verb: 'pause' },
    { verb: 'resume' },
    { verb: 'cancel', reason: '' },
  );
}

let keys = 0;

/** An item as an executor might say it, honest or not. */
function itemOf(partition: Partition, { what, pick }: Item): FrameItem {
  const steps = partition.run.byNumber;
  const { stepKey = 'none', attempt = 1 } = steps[pick % Math.max(1, steps.length)] ?? {};
  const error = { code: 'NO', message: 'no', retryable: pick % 3 !== 0 };
  const key = `k${String(keys++)}`;
  switch (what) {
    case 'keyed':
    case 'once':
    case 'blind':
      return call(what, key);
    case 'sleep':
      return { kind: 'sleep', stepKey: key, name: 'sleep', ms: pick * 100 };
    case 'signal':
      return { kind: 'signal', stepKey: key, name: 'go', timeoutMs: 500 };
    case 'patch':
      return {
        kind: 'patch',
        stepKey: key,
        patch: [{ op: 'add', path: pick % 2 === 0 ? '/a' : '/no/where', value: pick }],
      };
    case 'pure':
      return { kind: 'pure', stepKey: key, output: pick };
    case 'outcome':
      return { kind: 'outcome', stepKey, attempt, output: pick, at: 1 };
    case 'failure':
    case 'unknown':
      return { kind: 'failure', stepKey, attempt, error, unknown: what === 'unknown' };
    case 'done':
    case 'never':
      return { kind: 'reconciled', stepKey, attempt, verdict: what, output: 1 };
    case 'doubtful':
      return { kind: 'reconciled', stepKey, attempt, verdict: 'unknown' };
    case 'delivered':
      return { kind: 'delivered', version: pick, stepKey, at: 1 };
    case 'edited': {
      const edits = partition.run.history.filter((known) => known.t === 'edit');
      return { kind: 'edited', version: edits[pick % Math.max(1, edits.length)]?.version ?? pick, at: 1 };
    }
    case 'complete':
      return { kind: 'complete', output: pick };
    case 'fail':
      return { kind: 'fail', error };
    case 'stopped':
      return { kind: 'stopped' };
    case 'diverged':
      return { kind: 'diverged', stepKey, recorded: 'a', proposed: 'b' };
  }
}

function play(partition: Partition, next: Move): void {
  switch (next.kind) {
    case 'frame': {
      const cause = partition.cause();
      const frame = partition.frame(next.items.map((what) => itemOf(partition, what)));
      const plan = planFrame(partition.run, frame, partition.asker, partition.scope());
      partition.conclude(plan, next.denied ? deny : allow, cause);
      break;
    }
    case 'assign': {
      const leader = (partition.run.epoch?.leader ?? 1) + (next.newReign ? 1 : 0);
      const own = partition.run.executor === next.executor;
      partition.assign(next.executor, next.kept && own, leader);
      break;
    }
    case 'late':
      partition.record({ events: late(partition, next.item, next.executor) }, 'late:1.0');
      break;
    case 'command': {
      partition.conclude(planCommand(partition.run, next.command, partition.asker));
      if (next.command.verb === 'cancel' && partition.now % 2 === 0) {
        partition.record({ events: endWithoutExecutor(partition.run) });
      }
      break;
    }
    case 'upkeep': {
      const plan = planUpkeep(partition.run, partition.asker, partition.scope(), next.reachable);
      partition.conclude(plan, next.denied ? deny : allow);
      break;
    }
    case 'edit':
      edit(partition, next.pick, next.denied);
      break;
    case 'wait':
      partition.now += next.ms;
  }
}

/** A person's edit: now and then for another version, of what is not there, or denied. */
function edit(partition: Partition, pick: number, denied: boolean): void {
  const thread = threadOf(partition.state, partition.run);
  const path = pick % 4 === 3 ? '/no/where' : '/a';
  const expectedVersion = thread.stateVersion + (pick === 0 ? 1 : 0);
  const change = { patch: [{ op: 'add', path, value: pick }], expectedVersion };
  const plan = planStateEdit(thread, partition.run, change, partition.asker);
  try {
    partition.conclude(plan, denied ? deny : allow);
  } catch (error) {
    const codes = ['POLICY_DENIED', 'STATE_VERSION_MISMATCH', 'PATCH_INVALID'];
    if (!codes.some((code) => hasCode(error, code))) throw error;
  }
}

function late(partition: Partition, what: Item, from: string) {
  const said = itemOf(partition, what);
  if (said.kind !== 'outcome' && said.kind !== 'failure' && said.kind !== 'reconciled') return [];
  return outcomeEvents(partition.run, from, said, partition.now, true);
}

/** Plays moves until the run has ended; a refused frame changes nothing. */
function live(moves: readonly Move[]): Partition {
  keys = 0;
  const partition = new Partition().given();
  for (const next of moves) {
    if (!partition.state.runs.has(RUN)) break;
    const before = partition.lines.length;
    try {
      play(partition, next);
    } catch (error) {
      if (!hasCode(error, 'FRAME_REFUSED')) throw error;
      expect(partition.lines).toHaveLength(before);
    }
  }
  return partition;
}

interface Seen {
  readonly type: string;
  readonly step?: number;
  readonly attempt?: number;
  readonly effect?: string;
  readonly basis: number | string;
}
const commitsOf = (partition: Partition) =>
  partition.lines.map(
    ({ line }) =>
      JSON.parse(line) as {
        version: number;
        tenantIndex: number;
        decisions: { verdict: string }[];
        events: Seen[];
      },
  );

const histories = fc.array(move, { minLength: 1, maxLength: 40 });

describe('any history of a run', () => {
  it('[I5] [I6] is dense, and folds from its stored lines to the same state, erased too', () => {
    fc.assert(
      fc.property(histories, (moves) => {
        const partition = live(moves);
        const commits = commitsOf(partition);
        expect(commits.map(({ version }) => version)).toEqual(commits.map((_, i) => i + 1));
        expect(commits.map(({ tenantIndex }) => tenantIndex)).toEqual(commits.map((_, i) => i));
        expect(partition.folded()).toEqual(partition.state);
        const erased = partition.folded('erased');
        expect(erased.finished.get(RUN)?.status).toBe(partition.state.finished.get(RUN)?.status);
        expect(erased.runs.get(RUN)?.version).toBe(partition.state.runs.get(RUN)?.version);
      }),
      { numRuns: 1000 },
    );
  });

  it('[C3.3] [C1.4] holds every change of the state, edits by people too, in the order of its versions', () => {
    fc.assert(
      fc.property(histories, (moves) => {
        const partition = live(moves);
        const run = partition.state.runs.get(RUN);
        if (!run) return;
        const thread = threadOf(partition.state, run);
        const changes = run.history.flatMap((item) => {
          if (item.t === 'edit') return [item.patch];
          return item.t === 'settled' && item.patch ? [item.patch] : [];
        });
        expect(thread.stateVersion).toBe(changes.length);
        const rebuilt = changes.reduce((state, patch) => applyPatch(state, patch), run.baseState);
        expect(rebuilt).toEqual(thread.state);
      }),
      { numRuns: 1000 },
    );
  });

  it('[I3] completes no attempt without an earlier permit, and permits nothing without an allow', () => {
    fc.assert(
      fc.property(histories, (moves) => {
        const permitted = new Set<string>();
        for (const { decisions, events } of commitsOf(live(moves))) {
          for (const { type, step, attempt, basis } of events) {
            const name = `${String(step)}.${String(attempt)}`;
            if (type === 'PermitGranted') {
              expect(decisions[Number(basis)]?.verdict).toBe('allow');
              permitted.add(name);
            }
            if (type === 'StepCompleted' && attempt !== 0) expect(permitted).toContain(name);
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('[I4] [C1.3] never permits a once step again without proof, nor settles any step twice', () => {
    fc.assert(
      fc.property(histories, (moves) => {
        const once = new Set<number>();
        const settled = new Set<number>();
        const proven = new Set<string>();
        for (const { events } of commitsOf(live(moves))) {
          for (const { type, step = -1, attempt = 0, effect } of events) {
            if (type === 'StepProposed' && effect === 'once') once.add(step);
            if (type === 'EffectNeverHappened' || type === 'AttemptFailed')
              proven.add(`${String(step)}.${String(attempt)}`);
            if (type === 'PermitGranted' && once.has(step) && attempt > 1) {
              expect(proven).toContain(`${String(step)}.${String(attempt - 1)}`);
            }
            if (type === 'StepCompleted' || type === 'StepFailed' || type === 'StepDenied') {
              expect(settled).not.toContain(step);
              settled.add(step);
            }
          }
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('[I4] ends with every effect told: happened, failed, never happened, or unknown', () => {
    fc.assert(
      fc.property(histories, (moves) => {
        const partition = live(moves);
        if (!partition.state.finished.has(RUN)) return;
        const open = new Set<string>();
        for (const { events } of commitsOf(partition)) {
          for (const { type, step, attempt } of events) {
            if (type === 'PermitGranted') open.add(String(step));
            else if (step !== undefined && attempt !== undefined) open.delete(String(step));
            else if (type === 'StepDenied') open.delete(String(step));
          }
        }
        expect(unkept(partition, open)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });
});

/** Steps of an idempotent attempt whose executor was lost are held, not told: the next one repeats them. */
function unkept(partition: Partition, open: ReadonlySet<string>): string[] {
  const commits = commitsOf(partition);
  const keyed = new Set(
    commits.flatMap(({ events }) =>
      events.flatMap((e) => (e.effect === 'idempotent' ? [String(e.step)] : [])),
    ),
  );
  return [...open].filter((step) => !keyed.has(step));
}
