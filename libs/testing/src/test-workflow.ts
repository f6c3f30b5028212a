import { InvalidInputError } from '@summit/kernel';
import { type App, type Workflow, withStandIns } from '@summit/sdk';
import { z } from 'zod';
import { House } from './house.ts';
import { Outsiders } from './outsiders.ts';
import { policyOf } from './policies.ts';
import { replay } from './replay.ts';
import { resultOf } from './result.ts';
import { toItsEnd } from './to-its-end.ts';
import { type TestedRun, type TestOptions } from './tested-run.ts';

const DEADLINE_MS = 20_000;
const THREAD = 'test';
const DEVELOPER = { name: 'developer', roles: [] } as const;

/**
 * Runs a workflow of an app to its end, in process: the runtime's own leader, executor and policies over stores in
 * memory. Sleeps, time-outs, retries and expiries take no time; attempts take what they take. A run that completed is
 * replayed from its history, so that code which does not follow it is found. Throws `RUN_DIVERGED`, `TEST_TIMED_OUT`,
 * and the code of a start that is refused.
 */
export async function testWorkflow(app: App, options: TestOptions = {}): Promise<TestedRun> {
  const workflow = workflowOf(app, options.workflow);
  const house = await House.open(served(app, options), await policyOf(options.policies));
  try {
    const outsiders = new Outsiders(house, options);
    const runId = await start(house, workflow, options);
    const run = await toItsEnd(house, outsiders, runId, options.deadlineMs ?? DEADLINE_MS);
    if (run.status === 'completed') await replay(workflow, run, house.dispatch(run.runId));
    return resultOf(run, outsiders.asked, await house.threadState(THREAD), house.clock.now());
  } finally {
    house.close();
  }
}

function workflowOf({ workflows }: App, name?: string): Workflow {
  const found = workflows.filter(({ definition }) => name === undefined || definition.name === name);
  const [workflow] = found.slice(-1); // the newest version, as listed
  if (workflow && (name !== undefined || found.length === 1)) return workflow;
  const names = workflows.map(({ definition }) => definition.name).join(', ');
  throw new InvalidInputError(
    'WORKFLOW_UNKNOWN',
    name === undefined ? `the app has several workflows: ${names}` : `the app has no workflow ${name}`,
    `Name one of the app's: ${names || 'it has none'}.`,
  );
}

function served(app: App, { tools = [], models = {} }: TestOptions): App {
  const workflows = app.workflows.map((workflow) => withStandIns(workflow, tools));
  return { ...app, workflows, models: { ...app.models, ...models } };
}

const started = z.object({ runId: z.string() });

async function start(house: House, { definition }: Workflow, options: TestOptions): Promise<string> {
  const { message, state, user = DEVELOPER } = options;
  if (state) await house.submit({ verb: 'thread.create', threadId: THREAD, state }, user);
  const said = message === undefined ? {} : { message };
  const input = message === undefined ? (options.input ?? null) : { message };
  const { name, version } = definition;
  const body = { verb: 'run.start', threadId: THREAD, workflow: name, version, input, ...said } as const;
  const answer = await house.submit(body, user);
  return started.parse(answer).runId;
}
