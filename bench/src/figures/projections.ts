import { waitFor } from '@summit/servers';
import type { SummitStack } from '../stack.ts';
import { metricOf } from './metrics.ts';

/** How long projections may take to catch up, milliseconds. */
const CAUGHT_UP_MS = 150_000;
const LOOK_MS = 100;
const TELL_MS = 5_000;

/** What is made of the journal, the service that makes it, and its gauge of the last group that is in. */
const projections = [
  { name: 'read_models', service: 'api', gauge: 'summit_read_models_sequence' },
  { name: 'audit', service: 'audit', gauge: 'summit_audit_sequence' },
  { name: 'graph', service: 'provenance-graph', gauge: 'summit_graph_sequence' },
] as const;

/** Groups of the journal that a projection lacks. */
export interface Lag {
  readonly name: (typeof projections)[number]['name'];
  readonly groups: number;
}

/** By the journal's own head, which is read first: what is called in is in. */
export async function lagOf(stack: SummitStack): Promise<Lag[]> {
  const head = await stack.journal(async (store) => (await store.head())?.sequence ?? 0);
  return Promise.all(
    projections.map(async ({ name, service, gauge }) => ({
      name,
      groups: Math.max(0, head - (await metricOf(stack, service, gauge))),
    })),
  );
}

/** Resolves when every projection has all that the journal has; throws after a while. */
export async function untilCaughtUp(stack: SummitStack, progress: (line: string) => void): Promise<void> {
  let told = performance.now();
  let lag: Lag[] = [];
  const look = async (): Promise<true | undefined> => {
    lag = await lagOf(stack).catch((error: unknown) => {
      if (error instanceof TypeError) return lag; // a connection broke; whoever can not be asked is not known to be there
      throw error;
    });
    if (lag.length > 0 && lag.every(({ groups }) => groups === 0)) return true;
    if (performance.now() - told < TELL_MS) return undefined;
    told = performance.now();
    progress(`catching up: ${lagText(lag)}`);
    return undefined;
  };
  if (await waitFor(look, { deadlineMs: CAUGHT_UP_MS, everyMs: LOOK_MS })) return;
  throw new Error(`not caught up after ${CAUGHT_UP_MS / 1000} s: ${lagText(lag)}`);
}

const lagText = (lag: readonly Lag[]): string =>
  lag.flatMap(({ name, groups }) => (groups === 0 ? [] : `${name} ${groups} groups behind`)).join(', ');
