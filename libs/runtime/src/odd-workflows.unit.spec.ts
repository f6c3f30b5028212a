import { describe, expect, it, jest } from '@jest/globals';
import { type ExecutorMessage } from '@summit/engine';
import { type Context, defineTool, TerminalError } from '@summit/sdk';
import { z } from 'zod';
import { app, Scene } from './scene.fixture.ts';

const scene = new Scene();

/** An array in an array … */
function nested(depth: number): unknown {
  return Array.from({ length: depth }).reduce((inner) => [inner], 1);
}

/** An error that nobody can look at. */
function shy(): Error {
  return Object.defineProperty(new Error('shy'), 'message', {
    get: () => {
      throw new Error('no');
    },
  });
}

/** What code without types may pass where it should not. */
const odd: readonly unknown[] = [
  ...[Number.NaN, Infinity, -1, 0.5, 10n, true, '', 'x', '1e999', null, undefined],
  ...[[], [10n], {}, Object.create(null), Symbol('s'), () => 1, new Date(Number.NaN)],
  ...['half \ud83d', nested(198), nested(200), nested(250), shy()],
];

/** Gives or throws the value of a number. */
const given = defineTool({
  name: 'given',
  description: 'Gives an odd value',
  input: z.any(),
  output: z.any(),
  effect: 'idempotent',
  retry: { maxAttempts: 1 },
  execute: ({ value, throws }: { value: number; throws?: boolean }) => {
    if (throws === true) throw odd[value];
    return odd[value];
  },
});

/** Without one it would wait for ever, as it should. */
const orTen = (value: unknown): never => (value ?? 10) as never;

type Call = (ctx: Context, value: never, at: number) => unknown;

const calls: Readonly<Record<string, Call>> = {
  'sleeps for it': (ctx, value) => ctx.sleep(value),
  'waits so long for a signal': (ctx, value) => ctx.signal('s', z.any(), { timeout: orTen(value) }),
  'waits for a signal of that name': (ctx, value) => ctx.signal(value, z.any(), { timeout: 10 }),
  'asks it': (ctx, value) => ctx.approve(value),
  'asks people with that title': (ctx, value) => ctx.approve({ title: value, expires: 10 }),
  'shows it to people': (ctx, value) => ctx.approve({ title: 'q', data: value, expires: 10 }),
  'asks so many people': (ctx, value) => ctx.approve({ title: 'q', quorum: value, expires: 10 }),
  'asks people of those roles': (ctx, value) => ctx.approve({ title: 'q', roles: value, expires: 10 }),
  'asks people of that role': (ctx, value) => ctx.approve({ title: 'q', roles: [value], expires: 10 }),
  'gives people so long': (ctx, value) => ctx.approve({ title: 'q', expires: value }),
  'calls a tool with it': (ctx, value) => ctx.tool(given, value),
  'calls a tool that gives it': (ctx, _value, at) => ctx.tool(given, { value: at }),
  'calls a tool that throws it': (ctx, _value, at) => ctx.tool(given, { value: at, throws: true }),
  'calls a tool under that key': (ctx, value) => ctx.tool(given, { value: 7 }, { key: value }),
  'has it as a step': (ctx, value) => ctx.step('n', () => value),
  'has a step of that name': (ctx, value) => ctx.step(value, () => 1),
  'has it computed': (ctx, value) => ctx.pure('p', () => value),
  'has something of that name computed': (ctx, value) => ctx.pure(value, () => 1),
  'has a branch of that name': (ctx, value) => ctx.branch(value, () => ctx.sleep(1)),
  'patches the state with it': (ctx, value) => ctx.state.patch(value),
  'patches the state with it as an operation': (ctx, value) => ctx.state.patch([value]),
  'patches the state there': (ctx, value) => ctx.state.patch([{ op: 'add', path: value, value }]),
  'says it': (ctx, value) => {
    ctx.messages.append(value);
  },
  'says it as a user': (ctx, value) => {
    ctx.messages.append({ role: 'user', content: value });
  },
  'says it as a call': (ctx, value) => {
    ctx.messages.append({ role: 'assistant', content: '', toolCalls: [value] });
  },
  'logs it': (ctx, value) => {
    ctx.log(value, value);
  },
  'asks a model for it': (ctx, value) => ctx.model(value),
  'asks that model': (ctx, value) => ctx.model({ model: value, messages: [] }),
  'asks a model as that agent': (ctx, value) => ctx.model({ messages: [] }, { agent: value }),
  'returns it': (_ctx, value) => value,
  'throws it': (_ctx, value) => {
    throw value as Error;
  },
  'throws an error with that message': (_ctx, value) =>
    Promise.reject(Object.assign(new Error('e'), { message: value })),
  'throws an error of the runtime with it': (_ctx, value) =>
    Promise.reject(new TerminalError(value, value, value)),
};

/** Leaders hear executors as in one process: nothing is made into text on the way. */
function inOneProcess(): void {
  const { net } = scene.world;
  jest.spyOn(net.toLeaders, 'send').mockImplementation((_partition, message: ExecutorMessage) => {
    queueMicrotask(() => net.leader?.receive(message));
  });
}

describe.each([
  ['in one process', inOneProcess],
  ['over the bus', () => undefined],
])('a workflow that does what it should not, %s,', (_where, prepare) => {
  it.each(Object.keys(calls))('[C1.1] and %s ends, and leaves a journal that can be read', async (name) => {
    prepare();
    const call = calls[name] ?? (() => undefined);
    await scene.ready(
      app(async (ctx, at: number) => (at < 0 ? 'well' : await call(ctx, odd[at] as never, at)), [given]),
    );
    const runs: string[] = [];
    for (const at of odd.keys()) runs.push(await scene.world.start('work', at));
    const well = await scene.world.start('work', -1);
    for (const run of runs) {
      const { status, waitingFor = [] } = await scene.world.endedOrUnknown(run);
      expect({ status, waitingFor }).toEqual({
        status: expect.stringMatching(/^(completed|failed)$/),
        waitingFor: [],
      });
    }
    expect(await scene.world.ended(well)).toMatchObject({ status: 'completed', output: 'well' });
    const commits = scene.world.commits();
    expect(commits.length).toBeGreaterThan(odd.length);
    await scene.world.lead();
    expect(scene.world.view(well)).toMatchObject({ status: 'completed' });
  });
});
