import type { Client } from './client.fixture.ts';
import type { TestStack } from './stack.fixture.ts';

const STEPS = 10;
/** What a signal adds to the sum. */
const SIGNAL = 1000;
const SUM = (STEPS * (STEPS - 1)) / 2;

/** A run of the load: what it is called at the other side, its id, what it must return. */
export interface LoadRun {
  readonly label: string;
  readonly runId: string;
  readonly signal: boolean;
  readonly expected: number;
}

/** Starts runs of ten steps, a third with a sleep in them, a third with a signal; each until it is answered. */
export function startLoad(stack: TestStack, client: Client, count: number, name: string): Promise<LoadRun[]> {
  const starts = Array.from({ length: count }, async (_, i): Promise<LoadRun> => {
    const label = `${name}-${String(i)}`;
    const signal = i % 3 === 1;
    const input = { world: stack.world.url, label, steps: STEPS, sleepMs: i % 3 === 2 ? 500 : 0, signal };
    const { status, body } = await client.insist('/v1/runs', { workflow: 'steps', input }, label);
    if (status !== 201) throw new Error(`${label}: ${String(status)} ${JSON.stringify(body)}`);
    return { label, runId: body.runId ?? '', signal, expected: SUM + (signal ? SIGNAL : 0) };
  });
  return Promise.all(starts);
}

/** Sends every run that wants one its signal. */
export async function signalLoad(client: Client, runs: readonly LoadRun[]): Promise<void> {
  const wanting = runs.filter(({ signal }) => signal);
  await Promise.all(
    wanting.map(async ({ label, runId }) => {
      const body = { name: 'go', payload: SIGNAL };
      const answer = await client.insist(`/v1/runs/${runId}/signals`, body, `${label}-signal`);
      if (answer.status !== 200) throw new Error(`${label}: ${JSON.stringify(answer.body)}`);
    }),
  );
}

/** How every run ended, beside how it should have. */
export async function endsOf(
  client: Client,
  runs: readonly LoadRun[],
): Promise<{ readonly wrong: readonly string[]; readonly right: number }> {
  const ends = await Promise.all(
    runs.map(async ({ label, runId, expected }) => {
      const { status, output, error, waitingFor } = await client.end(runId, 120_000);
      const right = status === 'completed' && output === expected;
      return right
        ? undefined
        : `${label} ${runId}: ${JSON.stringify({ status, output, error, waitingFor })}`;
    }),
  );
  const wrong = ends.filter((end) => end !== undefined);
  return { wrong, right: ends.length - wrong.length };
}

/** [C1.3] What the other side saw of a load: each item of each run under exactly one key. */
export function effectsOf(stack: TestStack, runs: readonly LoadRun[]): { once: number; otherwise: string[] } {
  const wanted = runs.flatMap(({ label }) =>
    Array.from({ length: STEPS }, (_, i) => `${label}/${String(i)}`),
  );
  const otherwise = wanted.filter((name) => stack.world.effects.get(name)?.size !== 1);
  return { once: wanted.length - otherwise.length, otherwise };
}
