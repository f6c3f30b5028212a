import { z } from 'zod';
import type { About, Contestant } from './contestant.ts';
import { HttpClient } from './http-client.ts';
import { measure, type Subject } from './workload.ts';

/** A Summit that runs, with the workflows of `bench/app` in it. */
export interface SummitEndpoint {
  /** Of the api: `http://127.0.0.1:4000`. */
  readonly url: string;
  readonly token: string;
  readonly about: About;
  readonly stop: () => Promise<void>;
}

const finished = z.object({ status: z.literal('completed'), output: z.number() });

/** Measures through the public entry: each run is started by HTTP, and the answer waits for its end. */
export function summitContestant({ url, token, about, stop }: SummitEndpoint): Contestant {
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
    stop: async () => {
      client.close();
      await stop();
    },
  };
}

interface BenchRun {
  readonly workflow: string;
  readonly id: string;
  readonly steps: number;
}

async function runToEnd(client: HttpClient, { workflow, id, steps }: BenchRun): Promise<void> {
  const body = { workflow, input: { steps } };
  const { status, text } = await client.post('/v1/runs?wait=30', body, { 'idempotency-key': id });
  if (status !== 201) throw new Error(`Summit answered ${status}: ${text}`);
  const { output } = finished.parse(JSON.parse(text));
  if (output !== (steps * (steps - 1)) / 2) throw new Error(`a run of ${steps} steps returned ${output}`);
}
