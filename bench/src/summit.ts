import { z } from 'zod';
import type { Contestant } from './contestant.ts';
import { HttpClient } from './http-client.ts';
import type { SummitStack } from './stack.ts';
import { measure, type Subject } from './workload.ts';

const finished = z.object({ status: z.literal('completed'), output: z.number() });

/** Measures through the public entry: each run is started by HTTP, and the answer waits for its end. */
export function summitContestant({ url, token, about }: SummitStack): Contestant {
  const client = new HttpClient(url, { authorization: `Bearer ${token}` });
  const subject: Subject = {
    run: (id, steps) => runToEnd(client, { workflow: 'bench-seq', id, steps }),
    runPure: (id, steps) => runToEnd(client, { workflow: 'bench-pure', id, steps }),
  };
  let rounds = 0;
  return {
    name: 'summit',
    about,
    measure: (workload) => measure(subject, workload, `bench-${process.pid}-${Date.now()}-${++rounds}`),
    stop: async () => client.close(),
  };
}

export interface BenchRun {
  readonly workflow: string;
  readonly id: string;
  readonly steps: number;
}

/** Starts a run and waits until it has ended; throws where its result is wrong. */
export async function runToEnd(client: HttpClient, { workflow, id, steps }: BenchRun): Promise<void> {
  const body = { workflow, input: { steps } };
  const { status, text } = await client.post('/v1/runs?wait=30', body, { 'idempotency-key': id });
  if (status !== 201) throw new Error(`Summit answered ${status}: ${text}`);
  const { output } = finished.parse(JSON.parse(text));
  if (output !== (steps * (steps - 1)) / 2) throw new Error(`a run of ${steps} steps returned ${output}`);
}
