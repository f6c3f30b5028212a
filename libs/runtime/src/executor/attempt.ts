import { sha256, RetryableError, type Json } from '@summit/kernel';
import { type Action, type Live, type ToolContext } from '@summit/sdk';
import { AttemptClock, timerMs } from './attempt-clock.ts';

/** How an attempt ended. */
export type AttemptEnd =
  { readonly ok: true; readonly output: Json } | { readonly ok: false; readonly error: unknown };

export interface AttemptOptions {
  readonly action: Action;
  readonly args: Json;
  readonly tenant: string;
  readonly runId: string;
  readonly stepKey: string;
  readonly attempt: number;
  /** For an action that generates. */
  readonly live?: Live;
}

/**
 * What the other side recognises a repetition by. The same for every attempt of a step, on whichever executor; of a
 * `once` tool each attempt has its own: the one before it is proven not to have happened, its key may be void.
 */
export function idempotencyKey({
  tenant,
  runId,
  stepKey,
  attempt,
  action,
}: Omit<AttemptOptions, 'args'>): string {
  const of = action.effect === 'once' ? [tenant, runId, stepKey, attempt] : [tenant, runId, stepKey];
  return `sk_${sha256(of.join('\n')).slice(0, 40)}`;
}

/** One try of a step's action: its clock, its abort signal. Its end is told once. */
export class Attempt {
  readonly options: AttemptOptions;
  #abort: AbortController | undefined;
  #clock: AttemptClock | undefined;
  #end: ((end: AttemptEnd) => void) | undefined;

  constructor(options: AttemptOptions) {
    this.options = options;
  }

  /** Runs the action; `end` is called when it returns, throws, or has taken too long. */
  run(end: (end: AttemptEnd) => void): void {
    this.#end = end;
    const { action, args, live } = this.options;
    this.#clock = new AttemptClock(action.timeoutMs, this);
    action.run(args, this.context(), live).then(
      (output) => {
        this.#finish({ ok: true, output });
      },
      (error: unknown) => {
        this.#finish({ ok: false, error });
      },
    );
  }

  /** Asks the action to stop; its end still comes by itself, or by its time, for which no process is kept. */
  abort(reason: string): void {
    this.#clock?.unref();
    this.#controller().abort(new Error(reason));
  }

  get signal(): AbortSignal {
    return this.#controller().signal;
  }

  /** Its time starts again. */
  heartbeat(): void {
    this.#clock?.restart();
  }

  context(): ToolContext {
    return new Context(this);
  }

  #controller(): AbortController {
    return (this.#abort ??= new AbortController());
  }

  #finish(result: AttemptEnd): void {
    const end = this.#end;
    this.#end = undefined;
    this.#clock?.stop();
    end?.(result);
  }

  /** Its time is up. */
  late(): void {
    const error = timeout(this.options.action);
    this.#controller().abort(error);
    this.#finish({ ok: false, error });
  }
}

/** What an action sees of its attempt. What most never look at is made when it is asked for. */
class Context implements ToolContext {
  readonly #attempt: Attempt;

  constructor(attempt: Attempt) {
    this.#attempt = attempt;
  }

  get tenant(): string {
    return this.#attempt.options.tenant;
  }

  get runId(): string {
    return this.#attempt.options.runId;
  }

  get attempt(): number {
    return this.#attempt.options.attempt;
  }

  get idempotencyKey(): string {
    return idempotencyKey(this.#attempt.options);
  }

  get signal(): AbortSignal {
    return this.#attempt.signal;
  }

  /** It may be taken off and passed on. */
  get heartbeat(): () => void {
    return () => {
      this.#attempt.heartbeat();
    };
  }
}

/** A promise of an action, given up after an attempt's time. */
export async function withinTime<Value>(action: Action, promise: Promise<Value>): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(timeout(action));
    }, timerMs(action.timeoutMs));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

const timeout = ({ name, timeoutMs }: Action): RetryableError =>
  new RetryableError(
    'ATTEMPT_TIMEOUT',
    `${name} did not end within ${String(timeoutMs)} ms`,
    'Give it more time (timeout), or let it call heartbeat().',
  );
