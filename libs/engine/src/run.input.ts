import { canonicalJson } from '@summit/kernel';
import { type ActionKind, entryFor, type PolicyAction } from '@summit/policy';
import { actorOf, type Asker, type PolicyQuestion, type Reserved } from './plan.ts';
import { type RunState } from './run.state.ts';
import { type Words } from './run.words.ts';

/** An action as policy is shown it: its canonical text (RFC 8785). */
export interface ActionText {
  readonly kind: ActionKind;
  readonly text: string;
  /** What of it the commit does not say already; see {@link PolicyQuestion.rest}. */
  readonly rest?: string;
}

/** The question about an action of a run. */
export function runRequest(
  run: RunState,
  asker: Asker,
  action: PolicyAction | ActionText,
  reserved: Reserved = NONE_RESERVED,
): PolicyQuestion {
  const { kind, text, rest } = 'text' in action ? action : { kind: action.kind, text: canonicalJson(action) };
  const { whole, rest: remaining } = run.words;
  const counted = {
    attempts: run.attempts + reserved.attempts,
    steps: run.byNumber.length + reserved.steps,
  };
  const actor = `"actor":${canonicalJson(actorOf(asker))},`;
  const named = rest !== undefined && asker.roles.length === 0;
  return {
    tenant: run.tenant,
    entry: entryFor(kind),
    input: written(whole, text, actor, asker, counted),
    ...(named && { rest: written(remaining, rest, '', asker, counted) }),
  };
}

const NONE_RESERVED: Reserved = { steps: 0, attempts: 0 };

/** A `PolicyInput`, or what remains of it, member by member in canonical order. */
function written(
  { before, after }: Words,
  action: string,
  actor: string,
  { now }: Asker,
  { attempts, steps }: Reserved,
): string {
  return `{"action":${action},${actor}"now":${String(now)},"run":{"attempts":${String(attempts)},${before}${String(steps)}${after}`;
}
