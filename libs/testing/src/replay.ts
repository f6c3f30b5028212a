import { type Dispatch, type RunState } from '@summit/engine';
import { canonicalJson, TerminalError } from '@summit/kernel';
import { Coroutine, type CoroutineEnd, type Workflow } from '@summit/sdk';

/**
 * Goes through a completed run's history again with its code, as another executor would after a crash. Throws
 * `RUN_DIVERGED` where the code asks for something else, or ends otherwise.
 */
export async function replay(
  workflow: Workflow,
  run: RunState,
  dispatch: Dispatch | undefined,
): Promise<void> {
  if (!dispatch) return; // it never came to an executor
  const end = await again(workflow, run.tenant, { ...dispatch, history: run.history });
  if (end.how === 'diverged') throw diverged(`at ${end.stepKey}`);
  const same = end.how === 'completed' && canonicalJson(end.output) === canonicalJson(run.output);
  if (!same) throw diverged('at its end');
}

function again(workflow: Workflow, tenant: string, dispatch: Dispatch): Promise<CoroutineEnd> {
  return new Promise((resolve) => {
    const coroutine = new Coroutine(workflow, tenant, dispatch, {
      now: () => dispatch.createdAt,
      emit: (item) => {
        const stepKey = 'stepKey' in item ? item.stepKey : item.kind;
        resolve({ how: 'diverged', stepKey, recorded: 'nothing', proposed: stepKey });
      },
      live: () => undefined,
      ended: resolve,
      log: () => undefined,
    });
    coroutine.start();
  });
}

const diverged = (where: string): TerminalError =>
  new TerminalError(
    'RUN_DIVERGED',
    `the workflow's code does not follow its own history ${where}`,
    'Take time, chance and ids from ctx, and let every effect go through ctx.tool or ctx.step.',
  );
