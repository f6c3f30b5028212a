import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import {
  type Dispatch,
  type ExecutorMessage,
  type FrameItem,
  type LeaderMessage,
  type RunUpdate,
} from '@summit/engine';
import { type Json } from '@summit/kernel';
import { type App, defineTool } from '@summit/sdk';
import { z } from 'zod';
import { type LeaderLink } from '../link.ts';
import { silentLog } from '../log.ts';
import { type Life, Outside, outsideTools } from '../outside.fixture.ts';
import { app } from '../scene.fixture.ts';
import { holdTime, testClock } from '../world.fixture.ts';
import { Executor } from './executor.ts';

const RUN = 'run_00_000000000aaaaaaaa';
const address = { tenant: 'acme', runId: RUN, epoch: { leader: 1, assignment: 1 } } as const;
const permit = { stepKey: 'once#0', attempt: 1, actionHash: 'h', args: { name: 'a', ms: 0 } } as const;

const dispatch: Dispatch = {
  runId: RUN,
  threadId: 't',
  workflow: 'work',
  version: '1',
  input: null,
  seed: '00',
  startedBy: 'alice',
  createdAt: 1e12,
  state: {},
  stateVersion: 0,
  history: [],
  cancelled: false,
  paused: false,
  trace: '',
};

let outside: Outside;
let sent: ExecutorMessage[];
let executor: Executor;
let number: number;

function begin(ms = 0): void {
  const life: Life = { dead: false };
  outside = new Outside();
  const { once } = outsideTools(outside, life);
  serve(app((ctx) => ctx.tool(once, { name: 'a', ms }), [once]));
}

function serve(served: App): void {
  sent = [];
  number = 0;
  const link: LeaderLink = {
    send: (_, message) => sent.push(message),
    broadcast: (message) => sent.push(message),
  };
  executor = new Executor({
    id: 'e1',
    app: served,
    tenants: ['acme'],
    link,
    clock: testClock,
    log: silentLog,
  });
}

function hear(part: Partial<LeaderMessage>): void {
  executor.receive({ partition: 0, leaderEpoch: 1, number: ++number, updates: [], ...part });
}
const tell = (update: Partial<RunUpdate>, leaderEpoch = 1): void => {
  hear({ leaderEpoch, updates: [{ ...address, ...update }] });
};
const lend = (leaderEpoch = 1): void => {
  hear({ leaderEpoch, lease: { asked: Date.now(), ms: 1500 } });
};

async function pass(ms: number): Promise<void> {
  for (let at = 0; at <= ms; at += 20) {
    jest.advanceTimersByTime(Math.min(20, ms));
    for (let i = 0; i < 3; i++) await new Promise((resolve) => setImmediate(resolve));
  }
}

const items = (): FrameItem['kind'][] =>
  sent.flatMap(({ frames }) => frames.flatMap((f) => f.items.map(({ kind }) => kind)));
const effects = (): number => [...outside.counts.values()].reduce((sum, count) => sum + count, 0);

describe('an executor', () => {
  beforeEach(() => {
    holdTime();
    begin();
  });
  afterEach(() => {
    executor.stop();
    jest.useRealTimers();
  });

  it('[I4] keeps a permit that comes before its coroutine stands again', async () => {
    lend();
    hear({
      updates: [
        { ...address, dispatch },
        { ...address, permits: [permit] },
      ],
    });
    expect(effects()).toBe(0);
    await pass(100);
    expect(effects()).toBe(1);
    expect(items()).toEqual(['propose', 'outcome', 'complete']);
  });

  it('[I4] starts nothing without a live lease, and goes on when it is lent time again', async () => {
    tell({ dispatch });
    await pass(40);
    tell({ permits: [permit] });
    await pass(3000);
    expect(effects()).toBe(0);
    lend();
    await pass(100);
    expect(effects()).toBe(1);
  });

  it('[I4] never starts what waited for a lease when the run was given away meanwhile', async () => {
    tell({ dispatch });
    await pass(40);
    tell({ permits: [permit] });
    tell({ drop: true });
    lend();
    await pass(1000);
    expect(effects()).toBe(0);
  });

  it('[C3.2] runs the arguments of its permit, null among them, and not the proposed ones', async () => {
    const executed: Json[] = [];
    const pay = defineTool({
      name: 'pay',
      description: 'Pays',
      input: z.json(),
      output: z.null(),
      effect: 'idempotent',
      execute: (input) => {
        executed.push(input);
        return null;
      },
    });
    serve(app((ctx) => ctx.tool(pay, { amount: 1000 }), [pay]));
    lend();
    tell({ dispatch });
    await pass(40);
    tell({ permits: [{ stepKey: 'pay#0', attempt: 1, actionHash: 'h', args: null }] });
    await pass(40);
    expect(executed).toEqual([null]);
  });

  it('[I4] spends a permit once, however often it is sent', async () => {
    lend();
    tell({ dispatch });
    await pass(40);
    tell({ permits: [permit, permit] });
    tell({ permits: [permit] });
    await pass(200);
    tell({ permits: [permit] });
    await pass(200);
    expect(effects()).toBe(1);
  });

  it('[I4] starts no attempt again that ended without an outcome, however often it is permitted', async () => {
    const slow = { ...permit, args: { name: 'a', ms: 6000 } }; // longer than an attempt may take: it is reconciled
    lend();
    tell({ dispatch });
    await pass(40);
    tell({ permits: [slow], frame: 1 });
    await pass(10_500);
    expect(items()).toEqual(['propose', 'reconciled']);
    lend();
    tell({ permits: [slow], frame: 2 });
    await pass(10_500);
    expect(items()).toEqual(['propose', 'reconciled']);
    lend();
    tell({ permits: [{ ...slow, attempt: 2 }] });
    await pass(10_500);
    expect(items()).toEqual(['propose', 'reconciled', 'reconciled']);
  });

  it('[I2] does not hear a leader that was followed by another', async () => {
    lend();
    tell({ dispatch });
    await pass(40);
    hear({ leaderEpoch: 2, number: 1 });
    tell({ permits: [permit] }, 1);
    await pass(200);
    expect(effects()).toBe(0);
  });

  it('[C1.3] tells what became of an attempt whose run was given away', async () => {
    begin(200);
    lend();
    tell({ dispatch });
    await pass(40);
    tell({ permits: [permit], frame: 1 });
    await pass(40);
    tell({ drop: true });
    await pass(1000);
    const late = sent.flatMap(({ frames }) => frames).filter((frame) => frame.number === 0);
    expect(late.map((frame) => frame.items)).toMatchObject([
      [{ kind: 'outcome', stepKey: 'once#0', output: 'a' }],
    ]);
  });

  it('sends what was not confirmed again under a new epoch, in order', async () => {
    lend();
    tell({ dispatch });
    await pass(40);
    tell({ permits: [permit], frame: 1 });
    await pass(100);
    const before = sent.length;
    tell({ epoch: { leader: 2, assignment: 2 }, frame: 1 }, 2);
    await pass(40);
    const again = sent.slice(before).flatMap(({ frames }) => frames);
    expect(again.map((frame) => [frame.number, frame.epoch.assignment])).toEqual([[2, 2]]);
  });

  it('introduces itself when it missed something', async () => {
    lend();
    tell({ dispatch });
    await pass(40);
    number += 1;
    const before = sent.length;
    lend();
    expect(sent.slice(before)).toMatchObject([{ introduction: { holds: [{ runId: RUN }] } }]);
  });

  it('says all that it has to say before it goes', async () => {
    lend();
    tell({ dispatch });
    for (let i = 0; i < 20; i++) await Promise.resolve();
    await new Promise<void>((resolve) => process.nextTick(resolve));
    executor.stop();
    expect(sent.at(-1)).toMatchObject({ leaving: true });
    expect(items()).toEqual(['propose']);
  });

  it('[C1.4] starts nothing of a run whose code no longer follows its history', async () => {
    lend();
    const history = [{ t: 'proposed', stepKey: 'once#0', actionHash: 'another' }] as const;
    hear({ updates: [{ ...address, dispatch: { ...dispatch, history }, permits: [permit] }] });
    await pass(200);
    expect(effects()).toBe(0);
    expect(items()).toEqual(['diverged']);
  });

  it('ignores runs of workflows that it does not serve, and what it was told of runs that it does not hold', async () => {
    const input: Json = null;
    tell({ dispatch: { ...dispatch, workflow: 'other', input } });
    tell({ permits: [permit], cancel: true });
    await pass(100);
    expect(executor.size).toBe(0);
  });
});
