import { type ErrorRecord, RetryableError } from '@summit/kernel';

/** How the projection of one partition does. */
export interface PartitionStanding {
  readonly partition: number;
  /** The last group of the journal that is in. */
  readonly sequence: number;
  /** Groups that were still to come when it was looked at last. */
  readonly pending: number;
  /** From the oldest commit of the last batch to its being in, milliseconds. */
  readonly lagMs: number;
  /** `waiting`: for what `error` names, such as a database that is away. `stopped`: by it, for good. */
  readonly state: 'following' | 'waiting' | 'stopped';
  readonly error?: ErrorRecord | undefined;
}

/** A standing as services show it; of errors the code. */
export interface PartitionHealth {
  readonly partition: number;
  readonly sequence: number;
  readonly pending: number;
  readonly lagMs: number;
  readonly waiting?: string | undefined;
  readonly stopped?: string | undefined;
}

/** What a service that follows partitions says at `GET /healthz`: it lives, and how each of them does. */
export function healthOf(standings: readonly PartitionStanding[]): {
  readonly status: 'ok' | 'stopped';
  readonly partitions: readonly PartitionHealth[];
} {
  const status = standings.some(({ state }) => state === 'stopped') ? 'stopped' : 'ok';
  const partitions = standings.map(({ state, error, ...figures }) => ({
    ...figures,
    ...(state !== 'following' && { [state]: error?.code }),
  }));
  return { status, partitions };
}

/** For `GET /readyz`. Throws `NOT_READY` where a partition of `what` (such as `the graph`) has stopped for good. */
export function expectNoneStopped(standings: readonly PartitionStanding[], what: string): void {
  const stopped = standings.find(({ state }) => state === 'stopped');
  if (!stopped) return;
  const message = `partition ${String(stopped.partition)} of ${what} has stopped: ${stopped.error?.code ?? ''}`;
  throw new RetryableError('NOT_READY', message, 'Read the page of that code.');
}
