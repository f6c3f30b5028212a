import { afterEach, describe, expect, it } from '@jest/globals';
import { type AppendFault } from '@summit/journal';
import { defineApp, defineWorkflow, type App } from '@summit/sdk';
import fc from 'fast-check';
import { z } from 'zod';
import { invariants } from './invariants.fixture.ts';
import { type Life, Outside, outsideTools } from './outside.fixture.ts';
import { holdTime, World } from './world.fixture.ts';

const OPERATIONS = [
  'keyed',
  'once',
  'blind',
  'step',
  'pure',
  'sleep',
  'patch',
  'both',
  'race',
  'signal',
] as const;
type Operation = (typeof OPERATIONS)[number];

/** A workflow that does what its input says, as a process with its own life runs it. */
function appOf(outside: Outside, life: Life): App {
  const tools = outsideTools(outside, life);
  const work = defineWorkflow(
    {
      name: 'work',
      version: '1',
      input: z.object({ plan: z.array(z.enum(OPERATIONS)), ms: z.number() }),
      tools: Object.values(tools),
    },
    async (ctx, { plan, ms }) => {
      const results: unknown[] = [];
      const keyed = (name: string) => ctx.tool(tools.keyed, { name, ms });
      const operations: Record<Operation, (name: string) => Promise<unknown>> = {
        keyed,
        once: (name) => ctx.tool(tools.once, { name, ms }),
        blind: (name) => ctx.tool(tools.blind, { name, ms }),
        step: (name) => ctx.step('step', () => name),
        pure: (name) => ctx.pure('pure', () => name),
        sleep: async (name) => {
          await ctx.sleep(ms);
          return name;
        },
        signal: () => ctx.signal('go', z.number()),
        patch: (name) => ctx.state.patch({ [name]: true }),
        both: (name) =>
          ctx.all([ctx.branch('a', () => keyed(`${name}a`)), ctx.branch('b', () => keyed(`${name}b`))]),
        race: (name) => ctx.race([keyed(`${name}r`), ctx.sleep(ms * 3).then(() => `${name}r`)]),
      };
      for (const [i, operation] of plan.entries())
        results.push(await operations[operation](`${operation}${String(i)}`));
      return { results, random: ctx.random(), state: Object.keys(ctx.state.get()).length };
    },
  );
  return defineApp({ name: 'work', workflows: [work], tools: Object.values(tools) });
}

const TROUBLES = [
  'kill',
  'cut',
  'mend',
  'leave',
  'leader',
  'signal',
  'pause',
  'resume',
  'cancel',
  'none',
] as const;
type Trouble = (typeof TROUBLES)[number];
const troubles = fc.array(
  fc.record({
    after: fc.integer({ min: 10, max: 1500 }),
    what: fc.constantFrom(...TROUBLES),
    whom: fc.nat(3),
  }),
  { minLength: 1, maxLength: 8 },
);
const plans = fc.array(
  fc.record({
    plan: fc.array(fc.constantFrom(...OPERATIONS), { minLength: 1, maxLength: 6 }),
    ms: fc.constantFrom(0, 30, 200, 900),
  }),
  { minLength: 1, maxLength: 4 },
);

const faults = fc.array(
  fc.constantFrom<AppendFault>('none', 'none', 'none', 'ack_lost', 'request_lost', 'late'),
  {
    maxLength: 30,
  },
);

interface Event {
  readonly after: number;
  readonly what: Trouble;
  readonly whom: number;
}
type Input = { readonly plan: Operation[]; readonly ms: number };

/** What was found once, and is tried each time. */
const FOUND: [Input[], Event[], AppendFault[]][] = [
  // The executor is cut off when its run is cancelled: what it asks next is refused before it hears of the cancel.
  [
    [
      { plan: ['keyed'], ms: 0 },
      { plan: ['keyed', 'keyed'], ms: 0 },
    ],
    [
      { after: 10, what: 'cut', whom: 3 },
      { after: 10, what: 'cancel', whom: 3 },
      { after: 668, what: 'leader', whom: 0 },
      { after: 1172, what: 'kill', whom: 0 },
    ],
    [],
  ],
];

class Crashes {
  readonly world: World;
  readonly outside = new Outside();
  readonly runs: string[] = [];
  readonly cancelled = new Set<string>();
  readonly #alive: { id: string; life: Life }[] = [];
  #born = 0;

  constructor(appends: readonly AppendFault[]) {
    const left = [...appends];
    this.world = new World({ faults: { append: () => left.shift() ?? 'none' } });
  }

  /** A leader, two executors, and the runs. */
  async begin(inputs: readonly Input[]): Promise<void> {
    await this.world.lead();
    this.#join();
    this.#join();
    await this.world.pass(100);
    for (const input of inputs) this.runs.push(await this.world.start('work', input));
  }

  async happen(what: Trouble, whom: number): Promise<void> {
    const victim = this.#alive[whom % this.#alive.length];
    const runId = this.runs[whom % this.runs.length] ?? '';
    if (!victim) return;
    switch (what) {
      case 'kill':
      case 'leave':
        this.#replace(victim, what);
        break;
      case 'cut':
        this.world.net.cut.add(victim.id);
        break;
      case 'mend':
        this.#mend();
        break;
      case 'leader':
        await this.world.lead();
        break;
      case 'signal':
        this.world.submit({ verb: 'run.signal', runId, name: 'go', payload: whom });
        break;
      case 'pause':
      case 'resume':
        this.world.submit({ verb: `run.${what}`, runId });
        break;
      case 'cancel':
        this.cancelled.add(runId);
        this.world.submit({ verb: 'run.cancel', runId, reason: 'a test' });
        break;
      case 'none':
    }
  }

  /** All is well again: everybody hears everybody, paused runs go on, signals come. */
  async recover(inputs: readonly Input[]): Promise<void> {
    this.#mend();
    for (const [i, runId] of this.runs.entries()) {
      this.world.submit({ verb: 'run.resume', runId });
      for (const operation of inputs[i]?.plan ?? []) {
        if (operation === 'signal') this.world.submit({ verb: 'run.signal', runId, name: 'go', payload: i });
      }
    }
    await this.world.pass(100);
  }

  #join(): void {
    const life: Life = { dead: false };
    const id = `e${String(this.#born++)}`;
    this.#alive.push({ id, life });
    this.world.executor(id, appOf(this.outside, life));
  }

  #replace(victim: { id: string; life: Life }, how: 'kill' | 'leave'): void {
    victim.life.dead = how === 'kill';
    this.world[how](victim.id);
    this.#alive.splice(this.#alive.indexOf(victim), 1);
    this.#join();
  }

  #mend(): void {
    for (const { id } of this.#alive) this.world.net.cut.delete(id);
  }
}

/** Ends, or waits for somebody to say what became of a blind effect; nothing else. */
async function checkEnd(crashes: Crashes, runId: string, { plan }: Input): Promise<void> {
  const view = await crashes.world.endedOrUnknown(runId);
  const { status, output } = view;
  if (crashes.cancelled.has(runId)) expect(['completed', 'cancelled']).toContain(status);
  else if (status === 'waiting') expect(plan).toContain('blind');
  else expect(view).toMatchObject({ status: 'completed' });
  if (status !== 'completed') return;
  const { results, state } = output as { results: unknown[]; state: number };
  expect(results).toHaveLength(plan.length);
  expect(state).toBe(plan.filter((operation) => operation === 'patch').length);
  for (const [i, operation] of plan.entries()) {
    if (!['once', 'blind', 'keyed'].includes(operation)) continue;
    expect(crashes.outside.counts.get(`${operation}${String(i)} ${runId}`)).toBe(1);
  }
}

describe('whatever crashes when', () => {
  let crashes: Crashes | undefined;
  afterEach(() => crashes?.world.close());

  it('[C1.1] [C1.3] [I3] [I4] [I5] every run ends with its result, every effect happens as its kind promises', async () => {
    const holds = async (inputs: Input[], schedule: Event[], weather: AppendFault[]): Promise<void> => {
      crashes?.world.close();
      holdTime();
      crashes = new Crashes(weather);
      await crashes.begin(inputs);
      for (const { after, what, whom } of schedule) {
        await crashes.world.pass(after, 50);
        await crashes.happen(what, whom);
      }
      await crashes.recover(inputs);
      for (const [i, runId] of crashes.runs.entries()) {
        const input = inputs[i];
        if (input) await checkEnd(crashes, runId, input);
      }
      for (const [what, count] of crashes.outside.counts) expect([what, count]).toEqual([what, 1]);
      expect(invariants(crashes.world)).toEqual([]);
    };
    await fc.assert(fc.asyncProperty(plans, troubles, faults, holds), { numRuns: 120, examples: FOUND });
  });
});
