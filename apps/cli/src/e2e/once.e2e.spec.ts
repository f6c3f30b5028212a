import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { waitFor } from '@summit/servers';
import type { Said } from './client.fixture.ts';
import { TestStack } from './stack.fixture.ts';
import type { Verdict } from './world.fixture.ts';

const deadline = { deadlineMs: 60_000, everyMs: 5 };

let stack: TestStack;
let kills = 0;
beforeAll(async () => {
  stack = await TestStack.start();
});
afterAll(() => stack.stop());

/** Starts a run and kills both executors while its effect is under way at the other side; the supervisor brings them back. */
async function killedInTheMiddle(workflow: string, operation: string, label: string): Promise<string> {
  const { client, world } = stack;
  world.hold(operation);
  const input = { world: world.url, label };
  const { body } = await client.insist('/v1/runs', { workflow, input }, label);
  const reached = await waitFor(() => (world.count(operation, label) === 1 ? true : undefined), deadline);
  expect(reached).toBe(true);
  stack.kill('executor-1');
  stack.kill('executor-2');
  kills += 1;
  await stack.back('executor-1', kills);
  await stack.back('executor-2', kills);
  world.release(operation);
  return body.runId ?? '';
}

/** Nobody can tell: a person is asked. */
const unknown = (tool: string): object => ({
  status: 'waiting',
  waitingFor: [`unknown:${tool}`, expect.stringMatching(/^approval:apr_/)],
});

describe('an executor killed in the middle of a `once` effect', () => {
  it('[C1.3] [I4] without reconcile: nothing is repeated, the run waits and says what is unknown', async () => {
    const runId = await killedInTheMiddle('mailed', 'mail', 'mail-1');
    const run = await stack.client.until(runId, ({ waitingFor }) => waitingFor?.[0] === 'unknown:world.mail');
    expect(run).toMatchObject(unknown('world.mail'));
    expect(stack.world.count('mail', 'mail-1')).toBe(1);
  });

  const cases: readonly [Verdict, object, number][] = [
    ['done', { status: 'completed', output: 7 }, 1],
    ['never', { status: 'completed', output: 7 }, 2],
    ['unknown', unknown('world.wire'), 1],
  ];
  it.each(cases)('[C1.3] [I4] with reconcile that answers %s', async (verdict, expected, calls) => {
    const { client, world } = stack;
    world.verdict = verdict;
    const label = `wire-${verdict}`;
    const runId = await killedInTheMiddle('wired', 'wire', label);
    const asked = await waitFor(() => (world.count('reconcile', label) > 0 ? true : undefined), deadline);
    expect(asked).toBe(true);
    const isIt = ({ status, waitingFor }: Said): boolean =>
      status === 'completed' || waitingFor?.[0] === 'unknown:world.wire';
    expect(await client.until(runId, isIt)).toMatchObject(expected);
    expect(world.count('wire', label)).toBe(calls);
    // A key that was voided is never used again.
    expect(world.effects.get(`${label}/0`)?.size).toBe(calls);
  });
});
