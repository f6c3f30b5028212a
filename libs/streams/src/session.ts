/**
 * One reader's view of a run's stream: the journal's events and the live tokens as one sequence without gap or
 * repeat, from a cursor on. // C2.1 C2.4
 *
 * Owns: where the reader stands, which model calls are open and how much of their text it was told. Does not own:
 * where events and tokens come from; both may come late, early, twice, or not at all.
 *
 * 1. An event of the journal is delivered once, in order, where it lies behind the cursor.
 * 2. A call is open from its `model_start` to its `model_complete`; a new attempt's `model_start` closes the older ones.
 * 3. Tokens of an open call are delivered in the order of their index, each once. After a gap none is: what is missing
 *    comes from the outcome, as one token with the index of the last, before `model_complete`.
 * 4. Tokens that come before their `model_start`, or before the events have come to the cursor's place, wait for that,
 *    within a bound; beyond it they are taken as lost.
 * 5. A cursor says how much text was told, so an outcome completes it whatever became of the tokens.
 */
import { modelReplySchema } from '@summit/events';
import { type Json } from '@summit/kernel';
import { type CallCursor, type Cursor, cursorText, isAfter, parseCursor, STREAM_START } from './cursor.ts';
import { endsStream, type StreamEvent } from './stream-event.ts';

/** A piece of a model's text, as it comes from an executor. */
export interface Token {
  /** Stable key of the step. */
  readonly step: string;
  readonly attempt: number;
  /** Dense per attempt, from 0. */
  readonly index: number;
  readonly delta: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

interface Attempt {
  readonly stepId: string;
  readonly attempt: number;
}

interface OpenCall extends Pick<CallCursor, 'permit' | 'event'> {
  readonly stepId: string;
  readonly attempt: number;
  /** Index of the next token. */
  next: number;
  /** UTF-16 code units that were told. */
  chars: number;
}

/** Tokens that wait for their `model_start`. */
const EARLY = 1024;

export class StreamSession {
  /** By step. */
  readonly #calls = new Map<string, OpenCall>();
  /** The last attempt of a step that has its outcome. */
  readonly #closed = new Map<string, number>();
  readonly #after: Cursor;
  #place: Pick<Cursor, 'version' | 'event'>;
  #early: Token[] = [];
  /** Whether the events have come to the cursor's place. */
  #arrived: boolean;
  #ended = false;
  #who: Pick<StreamEvent, 'runId' | 'threadId'> = { runId: '', threadId: '' };

  /** `after`: the last event that the reader has. */
  constructor(after: Cursor = STREAM_START) {
    this.#after = after;
    this.#place = after;
    this.#arrived = after.version === 0;
  }

  /** Whether everything was delivered. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Whether tokens are to be expected. */
  get generating(): boolean {
    return this.#calls.size > 0;
  }

  /** Where the reader stands. */
  get cursor(): string {
    return cursorText({ ...this.#place, calls: this.#told() });
  }

  /** Takes the events of one commit; what of them is to be delivered. */
  events(events: readonly StreamEvent[]): StreamEvent[] {
    return events.flatMap((event) => this.#event(event));
  }

  /** Takes a token; what is to be delivered for it. */
  token(token: Token): StreamEvent[] {
    const call = this.#calls.get(token.step);
    if (call?.attempt === token.attempt && this.#arrived) return this.#tokenOf(call, token);
    const known = call ? call.attempt - 1 : (this.#closed.get(token.step) ?? 0);
    if (token.attempt > known && this.#early.length < EARLY) this.#early.push(token); // 4
    return [];
  }

  #event(event: StreamEvent): StreamEvent[] {
    const { version, event: number } = parseCursor(event.cursor);
    const fresh = isAfter(version, number, this.#place);
    const filling = event.type === 'model_complete' ? this.#complete(event, fresh) : [];
    if (event.type === 'model_start') this.#open(event, { permit: version, event: number }, fresh);
    if (endsStream(event)) this.#ended = true;
    this.#who = event;
    if (!fresh && isAfter(this.#after.version, this.#after.event, { version, event: number })) return [];
    this.#arrived = true;
    if (fresh) this.#place = { version, event: number };
    const delivered = fresh ? [...filling, { ...event, cursor: this.cursor }] : [];
    return [...delivered, ...this.#waited()];
  }

  /** Where the cursor says that some of its text was told, it goes on there. // 5 */
  #open({ stepId, attempt }: Attempt, start: Pick<CallCursor, 'permit' | 'event'>, fresh: boolean): void {
    const isIt = ({ permit, event }: CallCursor): boolean => permit === start.permit && event === start.event;
    const { index, chars } = (fresh ? undefined : this.#after.calls.find(isIt)) ?? { index: -1, chars: 0 };
    this.#calls.set(stepId, { ...start, stepId, attempt, next: index + 1, chars });
  }

  /** 3: the rest of the text, where the outcome has it. */
  #complete(event: StreamEvent & { type: 'model_complete' }, fresh: boolean): StreamEvent[] {
    const { stepId, attempt } = event;
    const call = this.#calls.get(stepId);
    this.#closed.set(stepId, attempt);
    this.#take(event);
    if (call?.attempt !== attempt) return [];
    const { text, count } = fresh && 'output' in event ? saidBy(event.output) : { text: '', count: 0 };
    const rest = text.slice(call.chars);
    call.next = Math.max(call.next, count - 1); // it stands for all that are missing
    const filling = rest === '' ? [] : [this.#tell(call, rest, event.at)];
    this.#calls.delete(stepId);
    return filling;
  }

  #waited(): StreamEvent[] {
    if (this.#early.length === 0) return [];
    return [...this.#calls.values()]
      .flatMap((call) => this.#take(call))
      .flatMap((token) => this.token(token));
  }

  /** Tokens of an attempt that waited; those of older attempts go. */
  #take({ stepId, attempt }: Attempt): Token[] {
    const mine = this.#early.filter((token) => token.step === stepId && token.attempt === attempt);
    this.#early = this.#early.filter((token) => token.step !== stepId || token.attempt > attempt);
    return mine;
  }

  #tokenOf(call: OpenCall, { index, delta, at }: Token): StreamEvent[] {
    return index === call.next ? [this.#tell(call, delta, at)] : [];
  }

  #tell(call: OpenCall, delta: string, at: number): StreamEvent {
    const { stepId, attempt, next: index } = call;
    call.next += 1;
    call.chars += delta.length;
    const { runId, threadId } = this.#who;
    return { cursor: this.cursor, runId, threadId, at, type: 'token', stepId, attempt, index, delta };
  }

  #told(): CallCursor[] {
    const told = [...this.#calls.values()].filter(({ next }) => next > 0);
    return told.map(({ permit, event, next, chars }) => ({ permit, event, index: next - 1, chars }));
  }
}

/** The text of a model's outcome, and of how many tokens it was made. */
function saidBy(output: Json): { text: string; count: number } {
  const reply = modelReplySchema.pick({ text: true, tokens: true }).safeParse(output);
  return reply.success ? { text: reply.data.text, count: reply.data.tokens.count } : { text: '', count: 0 };
}
