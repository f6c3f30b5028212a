import { canonicalJson } from '@summit/kernel';
import { type ActionKind, entryFor, type PolicyAction } from '@summit/policy';
import { actorOf, type Asker, type PolicyQuestion, type Reserved } from './plan.ts';
import { type RunState } from './run.state.ts';

/** An action as policy is shown it: its canonical text (RFC 8785). */
export interface ActionText {
  readonly kind: ActionKind;
  readonly text: string;
  /** What of it the commit does not say already; see {@link PolicyQuestion.rest}. */
  readonly rest?: string | undefined;
}

/** The question about an action of a run. */
export function runRequest(
  run: RunState,
  asker: Asker,
  action: PolicyAction | ActionText,
  reserved: Reserved = NONE_RESERVED,
): PolicyQuestion {
  const { kind, text, rest } = 'text' in action ? action : textOf(action);
  const { whole, rest: remaining } = run.words;
  const attempts = String(run.attempts + reserved.attempts);
  const counted = `"now":${String(asker.now)},"run":{"attempts":${attempts},`;
  const steps = String(run.byNumber.length + reserved.steps);
  const named = rest !== undefined && asker.roles.length === 0;
  return {
    tenant: run.tenant,
    entry: entryFor(kind),
    input: `{"action":${text},"actor":${actorText(asker)},${counted}${whole.before}${steps}${whole.after}`,
    rest: named ? `{"action":${rest},${counted}${remaining.before}${steps}${remaining.after}` : undefined,
  };
}

const NONE_RESERVED: Reserved = { steps: 0, attempts: 0 };

const textOf = (action: PolicyAction): ActionText => ({ kind: action.kind, text: canonicalJson(action) });

/** Executors have no roles. */
function actorText(asker: Asker): string {
  const { id, kind, roles } = actorOf(asker);
  if (roles.length > 0) return canonicalJson({ id, kind, roles });
  return `{"id":${canonicalJson(id)},"kind":"${kind}","roles":[]}`;
}
