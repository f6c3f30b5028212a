import { type StreamEvent } from '@summit/streams';

/** Characters of a payload on one line. */
const SHORT = 160;

/** Tells people what happens, as it does: a line an event, the text of a model as it comes. */
export class EventTeller {
  readonly #write: (text: string) => void;
  /** Whether the text of a model stands on the last line. */
  #speaking = false;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  tell(event: StreamEvent): void {
    if (event.type === 'token') {
      this.#write(this.#speaking ? event.delta : `  ${event.delta}`);
      this.#speaking = true;
      return;
    }
    const line = lineOf(event);
    if (line === undefined) return;
    this.end();
    this.#write(`${line}\n`);
  }

  /** Ends a line that was begun. */
  end(): void {
    if (this.#speaking) this.#write('\n');
    this.#speaking = false;
  }
}

function lineOf(event: StreamEvent): string | undefined {
  switch (event.type) {
    case 'run_start':
      return `${event.runId} ${event.workflow} ${event.version} ${short(event.input)}`;
    case 'run_complete':
      return '  completed';
    case 'run_failed':
      return `  failed: ${event.error.message}`;
    case 'run_cancelled':
      return '  cancelled';
    case 'run_waiting':
      return `  waits for ${event.waitingFor.join(', ')}`;
    case 'run_resumed':
      return '  goes on';
    case 'step_start':
      return event.kind === 'tool' || event.kind === 'model' ? undefined : `  ${event.stepId} …`;
    case 'tool_call':
      return `  ${event.stepId} ${short(event.args)}${attempt(event.attempt)}`;
    case 'tool_result':
      return 'error' in event
        ? `  ${event.stepId} failed: ${event.error.message}${again(event)}`
        : `  ${event.stepId} → ${short(event.output)}`;
    case 'model_start':
      return event.attempt === 1 ? undefined : `  ${event.stepId} begins again: what it said is void`;
    case 'model_complete':
      return 'error' in event ? `  ${event.stepId} failed: ${event.error.message}${again(event)}` : undefined;
    case 'step_complete':
      return event.kind === 'tool' || event.kind === 'model' || event.kind === 'pure'
        ? undefined
        : `  ${event.stepId} → ${short(event.output)}`;
    case 'step_failed':
      return `  ${event.stepId} failed: ${event.error.message}`;
    case 'state_patch':
      return `  state ${String(event.version)}: ${short(event.patch)}`;
    case 'approval_requested':
      return `  asks ${event.roles.join(', ') || 'people'}: ${event.name} ${short(event.shown)}\n    summit approve ${event.approvalId}`;
    case 'approval_decided':
      return `  ${event.approvalId} ${event.decision ?? ''}${event.by === undefined ? '' : ` by ${event.by}`} ${event.outcome ?? ''}`.trimEnd();
    case 'decision':
      return event.verdict === 'allow' ? undefined : `  policy: ${event.verdict} ${event.reasons.join('; ')}`;
    case 'effect_unknown':
      return `  ${event.stepId}: nobody knows whether it had its effect: ${event.reason}`;
    default:
      return undefined;
  }
}

const attempt = (n: number): string => (n === 1 ? '' : ` (attempt ${String(n)})`);
const again = ({ retryAt }: { readonly retryAt?: number }): string =>
  retryAt === undefined ? '' : '; another attempt follows';

function short(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length <= SHORT ? text : `${text.slice(0, SHORT)}…`;
}
