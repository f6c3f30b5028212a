/**
 * What of an event its commit says already stands in it once: a permit names neither the executor that is the commit's
 * actor nor the hash of the proposal beside it, a proposal no terms that are everybody's. All of it is clear, so an erased
 * commit reads back whole too.
 */
import { type AnyEvent, type EventOf } from './catalogue.ts';
import { type Commit } from './commit.ts';
import { type StepKind, STEP_DEFAULTS } from './run.events.ts';
import { type StoredEvent } from './upcast.ts';

/** The clear part of an event as it is written. */
export function keptEvent(event: AnyEvent, { actor, events }: Pick<Commit, 'actor' | 'events'>): object {
  switch (event.type) {
    case 'PermitGranted': {
      const executor = actor.kind === 'executor' && actor.id === event.executor ? undefined : event.executor;
      const actionHash = isHashed(event, events) ? undefined : event.actionHash;
      return { ...event, executor, actionHash, data: undefined };
    }
    case 'StepProposed':
      return { ...event, ...keptTerms(event), data: undefined };
    default:
      return event.data === undefined ? event : { ...event, data: undefined };
  }
}

/** Whether the first proposal of the permit's step beside it has its hash. */
function isHashed({ step, actionHash }: EventOf<'PermitGranted'>, events: readonly AnyEvent[]): boolean {
  for (const other of events) {
    if (other.type === 'StepProposed' && other.step === step) return other.actionHash === actionHash;
  }
  return false;
}

type Terms = Pick<EventOf<'StepProposed'>, 'timeoutMs' | 'retry'>;

function keptTerms({ kind, timeoutMs, retry }: EventOf<'StepProposed'>): Terms {
  if (!hasDefaults(kind)) return { timeoutMs, retry };
  return {
    timeoutMs: timeoutMs === STEP_DEFAULTS.timeoutMs ? undefined : timeoutMs,
    retry: retry && isUsual(retry) ? undefined : retry,
  };
}

const hasDefaults = (kind: unknown): kind is Extract<StepKind, 'tool' | 'step'> =>
  kind === 'tool' || kind === 'step';

function isUsual({ maxAttempts, initialMs, factor, maxMs }: NonNullable<Terms['retry']>): boolean {
  const usual = STEP_DEFAULTS.retry;
  return (
    maxAttempts === usual.maxAttempts &&
    initialMs === usual.initialMs &&
    factor === usual.factor &&
    maxMs === usual.maxMs
  );
}

/** The event as it was before {@link keptEvent}. */
export function wholeEvent(
  event: StoredEvent,
  actor: Readonly<Record<string, unknown>>,
  events: readonly StoredEvent[],
): StoredEvent {
  if (event['type'] === 'PermitGranted') {
    const own = actor['kind'] === 'executor' ? actor['id'] : undefined;
    const { executor = own, actionHash = hashOf(event['step'], events) } = event;
    return { ...event, executor, actionHash };
  }
  if (event['type'] !== 'StepProposed' || !hasDefaults(event['kind'])) return event;
  const { timeoutMs = STEP_DEFAULTS.timeoutMs, retry = STEP_DEFAULTS.retry } = event;
  return { ...event, timeoutMs, retry };
}

const hashOf = (step: unknown, events: readonly StoredEvent[]): unknown =>
  events.find((other) => other['type'] === 'StepProposed' && other['step'] === step)?.['actionHash'];
