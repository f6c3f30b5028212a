import { waitFor } from '@summit/servers';
import { z } from 'zod';
import type { Contestant } from './contestant.ts';
import { HttpClient } from './http-client.ts';
import type { SummitStack } from './stack.ts';
import { measure, type Subject } from './workload.ts';

/** How long a run may take to end, milliseconds. */
const PATIENCE_MS = 60_000;
const LOOK_MS = 100;

/** Where a Summit is, and as whom it is spoken to. */
export type Api = Pick<SummitStack, 'url' | 'token'>;

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

const started = z.object({ runId: z.string() });

/** Starts a run, of an `input` or with a `message`, and answers its id, which is durable then. */
export async function startRun(
  api: Api,
  start: { readonly workflow: string; readonly [name: string]: unknown },
): Promise<string> {
  const body = JSON.stringify(start);
  const answer = await fetch(`${api.url}/v1/runs`, { method: 'POST', headers: headersOf(api), body });
  if (answer.status !== 201) throw new Error(`Summit answered ${answer.status}: ${await answer.text()}`);
  return started.parse(await answer.json()).runId;
}

const streamEvent = z.object({ type: z.string(), delta: z.string().optional() });

/** A run's stream events as they come, from its start on. */
export async function* eventsOf(
  api: Api,
  runId: string,
): AsyncGenerator<z.infer<typeof streamEvent>, void, undefined> {
  const { body } = await fetch(`${api.url}/v1/runs/${runId}/stream`, { headers: headersOf(api) });
  if (!body) return;
  let text = '';
  for await (const piece of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (text + piece).split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield streamEvent.parse(JSON.parse(data));
    }
  }
}

const runSaid = z.object({ status: z.string(), output: z.unknown().optional() });

/** The output of a run, once it has completed, whoever is away meanwhile. Throws where it ends otherwise. */
export async function endOf(api: Api, runId: string, deadlineMs = PATIENCE_MS): Promise<unknown> {
  const look = async (): Promise<z.infer<typeof runSaid> | undefined> => {
    const answer = await fetch(`${api.url}/v1/runs/${runId}`, { headers: headersOf(api) });
    if (!answer.ok) return undefined;
    const said = runSaid.parse(await answer.json());
    return ['pending', 'running', 'waiting'].includes(said.status) ? undefined : said;
  };
  const said = await waitFor(look, { deadlineMs, everyMs: LOOK_MS });
  if (said?.status === 'completed') return said.output;
  throw new Error(`run ${runId} has not completed: ${JSON.stringify(said ?? 'it is still at it')}`);
}

const headersOf = ({ token }: Api): Record<string, string> => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
});
