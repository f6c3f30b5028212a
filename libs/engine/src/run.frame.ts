import { type Draft, type Plan, type Reserved, type Asker } from './plan.ts';
import { runRequest } from './run.input.ts';
import { type RunEvent } from '@summit/events';
import { FewMap } from '@summit/kernel';
import { type PolicyAnswer, type PolicyRequest } from '@summit/policy';
import { type Frame, type FrameItem } from './frame.ts';
import { type Building, decide, type Part, type Planning, refused } from './frame.plan.ts';
import { closing, planComplete, planDiverged, planFail, planStopped } from './run.end.ts';
import { planMessage } from './run.messages.ts';
import { outcomeEvents } from './run.outcome.ts';
import { planProposal } from './run.propose.ts';
import { refusal, type RunScope } from './run.proposal.ts';
import { type RunState } from './run.state.ts';

type OutcomeItem = Extract<FrameItem, { kind: 'outcome' | 'failure' | 'reconciled' }>;

/**
 * Plans a frame: an ordered list of outcomes, proposals, patches and delivery marks, answered by one commit with one
 * decision a proposal. What is not in order refuses the frame whole (`FRAME_REFUSED`), before policy is asked.
 */
export function planFrame(run: RunState, frame: Frame, asker: Asker, scope: RunScope): Plan {
  checkOrder(run, frame);
  const requests: PolicyRequest[] = [];
  const reserved: Reserved = { steps: 0, attempts: 0 };
  const ends = checkEnd(run, frame);
  const planning: Planning = {
    run,
    frame,
    asker,
    scope,
    requests,
    reserved,
    ends,
    keys: new FewMap(),
    reported: new FewMap(),
  };
  const parts = planItems(planning);
  const conclude = (answers: readonly PolicyAnswer[]): Draft => built(parts, answers, scope);
  return {
    requests,
    more(answers) {
      if (!answers.some(({ verdict }) => verdict === 'transform')) return undefined;
      const further: PolicyRequest[] = [];
      for (const part of parts) part.more?.(answers, further, requests.length);
      return { requests: further, conclude: (second) => conclude([...answers, ...second]) };
    },
    conclude,
  };
}

function built(parts: readonly Part[], answers: readonly PolicyAnswer[], scope: RunScope): Draft {
  const { state, stateVersion } = scope.thread;
  const building: Building = {
    decisions: [],
    events: [],
    answers,
    state,
    stateVersion,
    messages: 0,
    stopped: false,
    taken: undefined,
  };
  for (const part of parts) if (part.fact || !building.stopped) part.add(building);
  const { decisions, events, stopped } = building;
  return { decisions, events: stopped ? unasked(events) : events };
}

/** A run that ends asks nobody any more, and takes back once what it asked. */
function unasked(events: readonly RunEvent[]): RunEvent[] {
  const withdrawn = new Set<string>();
  return events.filter((event) => {
    if (event.type !== 'ApprovalWithdrawn') return event.type !== 'ApprovalRequested';
    if (withdrawn.has(event.approval)) return false;
    withdrawn.add(event.approval);
    return true;
  });
}

function planItems(planning: Planning): Part[] {
  const { items } = planning.frame;
  const parts: Part[] = [];
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (item === undefined) break;
    if (item.kind === 'pure') {
      const end = endOfPure(items, i);
      parts.push(planPure(planning, items.slice(i, end)));
      i = end - 1;
    } else {
      parts.push(planItem(planning, item));
    }
  }
  return parts;
}

function checkOrder(run: RunState, frame: Frame): void {
  if (frame.fault !== undefined) throw refused(run, `its items can not be read: ${frame.fault}`);
  if (frame.number !== run.frame + 1) {
    throw refused(run, `frame ${String(frame.number)} does not follow ${String(run.frame)}`);
  }
}

const ENDS: ReadonlySet<FrameItem['kind']> = new Set(['complete', 'fail', 'stopped', 'diverged']);

/** Whether the frame ends its run; nothing may follow the end. */
function checkEnd(run: RunState, { items }: Frame): boolean {
  const end = items.findIndex(({ kind }) => ENDS.has(kind));
  if (end >= 0 && end < items.length - 1) throw refused(run, 'something follows its end');
  return end >= 0;
}

function planItem(planning: Planning, item: Exclude<FrameItem, { kind: 'pure' }>): Part {
  switch (item.kind) {
    case 'outcome':
    case 'failure':
    case 'reconciled':
      return planOutcome(planning, item);
    case 'message':
      return planMessage(planning, item);
    case 'delivered':
      return planDelivered(planning, item);
    case 'edited':
      return planEdited(planning, item);
    case 'complete':
      return planComplete(planning, item.output);
    case 'fail':
      return planFail(planning, item.error);
    case 'stopped':
      return planStopped(planning);
    case 'diverged':
      return planDiverged(planning, item);
    default:
      return planProposal(planning, item);
  }
}

/**
 * A fact: recorded whatever else became of the frame. A coroutine that went on with an outcome which does not count
 * (its step had its answer before) no longer follows its history.
 */
function planOutcome({ run, frame, asker, reported }: Planning, item: OutcomeItem): Part {
  if (reported.has(item.stepKey)) throw refused(run, `it reports on ${item.stepKey} twice`);
  const events = outcomeEvents(run, frame.executor, item, asker.now);
  if (events.length > 0) reported.set(item.stepKey, item);
  else if (item.kind === 'outcome') {
    throw refused(run, `it goes on with an outcome of ${item.stepKey} that does not count`);
  }
  return fact(events);
}

function planDelivered({ run }: Planning, item: Extract<FrameItem, { kind: 'delivered' }>): Part {
  const step = run.steps.get(item.stepKey);
  if (step?.phase !== 'settled') throw refused(run, `it marks ${item.stepKey}, which has no answer`);
  const { version, at } = item;
  return fact([{ type: 'Delivered', v: 1, basis: 'delivery', version, step: step.n, at }]);
}

function planEdited({ run }: Planning, { version, at }: Extract<FrameItem, { kind: 'edited' }>): Part {
  const known = run.history.some((item) => item.t === 'edit' && item.version === version);
  if (!known) throw refused(run, `it marks an edit of ${String(version)}, where there is none`);
  return fact([{ type: 'Delivered', v: 1, basis: 'delivery', version, at }]);
}

const fact = (events: readonly RunEvent[]): Part => ({
  fact: true,
  add(building) {
    building.events.push(...events);
  },
});

function endOfPure(items: readonly FrameItem[], from: number): number {
  let end = from;
  while (items[end]?.kind === 'pure') end++;
  return end;
}

/** Pure steps that stand together share one decision and one event. */
function planPure(planning: Planning, items: readonly FrameItem[]): Part {
  const { run, requests, asker, reserved } = planning;
  const steps = items.flatMap((item) =>
    item.kind === 'pure' ? [{ stepKey: item.stepKey, output: item.output }] : [],
  );
  const name = (steps[0]?.stepKey ?? '').replace(/#\d+$/, '');
  const request = runRequest(run, asker, { kind: 'pure', name, count: steps.length }, reserved);
  const at = requests.push(request) - 1;
  return {
    fact: false,
    add(building) {
      const basis = decide(building, request, at);
      const error = refusal(building.answers[at], `the pure step ${name}`);
      if (error) {
        building.events.push(...closing(planning, true));
        building.events.push({ type: 'RunFailed', v: 1, basis, data: { error } });
        building.stopped = true;
      } else {
        building.events.push({ type: 'PureComputed', v: 1, basis, count: steps.length, data: { steps } });
      }
    },
  };
}
