import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { policyTwin, twinAllow, twinDeny } from '@summit/policy';
import { defineTool, type Tool } from '@summit/sdk';
import { z } from 'zod';
import { Ledger } from './leader/ledger.ts';
import { app, Scene } from './scene.fixture.ts';

const scene = new Scene();

afterEach(() => {
  jest.restoreAllMocks();
});

const tool = (maxAttempts: number, execute: () => unknown): Tool =>
  defineTool({
    name: 't',
    input: z.any(),
    output: z.any(),
    effect: 'idempotent',
    retry: { maxAttempts },
    execute: () => Promise.resolve(execute()),
  });

const failing = tool(5, () => {
  throw new Error('again');
});

/** Commits of one cause are refused, so many times; tells how often still. */
function refuse(causationId: string, error: Error, times: number): () => number {
  const commit = Object.getOwnPropertyDescriptor(Ledger.prototype, 'commit')?.value as Ledger['commit'];
  jest.spyOn(Ledger.prototype, 'commit').mockImplementation(function (this: Ledger, entry) {
    if (entry.causationId === causationId && times > 0) {
      times -= 1;
      throw error;
    }
    commit.call(this, entry);
  });
  return () => times;
}

describe('what a policy says', () => {
  it('at length about a retry ends the run', async () => {
    await scene.ready(
      app((ctx) => ctx.tool(failing, 1), [failing]),
      {
        policy: policyTwin(({ action }) =>
          action.kind === 'tool' && action.attempt > 1 ? twinDeny('x'.repeat(600_000)) : twinAllow,
        ),
      },
    );
    const runId = await scene.world.start('work', 1);
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'failed' });
  });

  it('of a time beyond all calendars is no decision', async () => {
    const asked = tool(1, () => 1);
    const params = { quorum: 1, roles: ['r'], ttl_s: 0.1, escalate: { roles: ['x'], ttl_s: 1e306 } };
    const verdict = {
      verdict: 'require_approval' as const,
      reasons: [],
      obligations: [{ id: 'o', type: 'approval', params }],
    };
    await scene.ready(
      app((ctx) => ctx.tool(asked, 1), [asked]),
      { policy: policyTwin(({ action }) => (action.kind === 'tool' ? verdict : twinAllow)) },
    );
    const ended = await scene.world.ended(await scene.world.start('work', 1));
    expect(JSON.stringify(ended)).toContain('POLICY_INVALID_RESULT');
  });
});

describe("the leader's own work on a run", () => {
  const sleeper = app(async (ctx) => {
    await ctx.sleep(100);
    return 'well';
  });

  /** A run that needs upkeep, and another executor once its first one is gone. */
  async function ended(): Promise<unknown> {
    await scene.ready(sleeper);
    const runId = await scene.world.start('work', 1);
    await scene.world.pass(20);
    scene.world.kill('e1');
    scene.world.executor('e2', sleeper);
    return scene.world.ended(runId);
  }

  it.each(['leader:upkeep', 'leader:assignment'])('%s is tried again', async (cause) => {
    const left = refuse(cause, new Error('not now'), 2);
    expect(await ended()).toMatchObject({ status: 'completed', output: 'well' });
    expect(left()).toBeLessThan(1);
  });

  it.each(['leader:upkeep', 'leader:assignment'])(
    '[C1.1] %s ends the run where it can not be done',
    async (cause) => {
      refuse(cause, new Error('never'), Infinity);
      expect(await ended()).toMatchObject({ status: 'failed' });
    },
  );

  it('goes to a new coroutine where the old one could not be kept', async () => {
    const left = refuse('leader:kept', new Error('not now'), 1);
    await scene.ready(sleeper);
    const runId = await scene.world.start('work', 1);
    await scene.world.pass(20);
    await scene.world.lead();
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: 'well' });
    expect(left()).toBe(0);
  });
});
