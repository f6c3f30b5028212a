/**
 * Tokens on their way from a provider, through executor, bus and api, to who follows the run over HTTP: how long the
 * first takes, and how many a second come through.
 */
import { closedLoop, percentile } from '../closed-loop.ts';
import type { Lab } from '../lab.ts';
import type { Figure } from '../report.ts';
import type { SummitStack } from '../stack.ts';
import { eventsOf, startRun } from '../summit.ts';

/** So long the played model thinks, milliseconds: the client has come by then. */
const THINK_MS = 150;
const TALKS = { count: 200, atOnce: 4, tokens: 20 };
const FLOODS = { count: 20, atOnce: 20, tokens: 5_000 };

export async function tokenFigures(lab: Lab): Promise<Figure[]> {
  const stack = await lab.stack({ distributed: lab.distributed, whole: false });
  const { progress } = lab.given;
  const { setting, durability } = stack.about;
  const common = { subject: 'summit', durability: `tokens in memory, their text ${durability}` };
  await listen(stack, { ...TALKS, count: TALKS.atOnce * 2 });

  progress(`first tokens: ${TALKS.count} talks, ${TALKS.atOnce} at once`);
  const overheads = (await listen(stack, TALKS)).map(({ emitted, first }) => first - emitted);
  const [p50, p99] = [percentile(overheads, 0.5), percentile(overheads, 0.99)];

  progress(`many tokens: ${FLOODS.atOnce} talks at once of ${FLOODS.tokens} tokens`);
  const floods = await listen(stack, FLOODS);
  const began = Math.min(...floods.map(({ emitted }) => emitted));
  const ended = Math.max(...floods.map(({ last }) => last));
  const rate = (FLOODS.count * FLOODS.tokens * 1_000) / (ended - began);
  const talks = (atOnce: number): string => `${setting}, ${atOnce} talks at once`;
  return [
    { ...common, id: 'ttft_overhead_ms', setting: talks(TALKS.atOnce), unit: 'ms', value: p50, p50, p99 },
    { ...common, id: 'tokens_per_s', setting: talks(FLOODS.atOnce), unit: '1/s', value: rate },
  ];
}

/** When tokens of a talk were given and came, milliseconds of the machine's monotonic clock. */
interface Heard {
  readonly emitted: number;
  readonly first: number;
  readonly last: number;
}

async function listen(
  stack: SummitStack,
  { count, atOnce, tokens }: { readonly count: number; readonly atOnce: number; readonly tokens: number },
): Promise<Heard[]> {
  const heard: Heard[] = [];
  await closedLoop(count, atOnce, async () => void heard.push(await talk(stack, tokens)));
  return heard;
}

async function talk(stack: SummitStack, tokens: number): Promise<Heard> {
  const message = JSON.stringify({ tokens, thinkMs: THINK_MS });
  const runId = await startRun(stack, { workflow: 'bench-talk', message });
  let text = '';
  let [first, last] = [0, 0];
  for await (const event of eventsOf(stack, runId)) {
    if (event.type === 'token') {
      last = Number(process.hrtime.bigint()) / 1e6;
      if (text === '') first = last;
      text += event.delta ?? '';
    }
    if (event.type === 'run_complete') break;
  }
  const words = text.trimEnd().split(' ');
  if (words.length !== tokens) throw new Error(`of ${tokens} tokens ${words.length} came`);
  return { emitted: Number(words[0]), first, last };
}
