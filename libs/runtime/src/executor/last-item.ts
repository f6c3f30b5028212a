import { type FrameItem } from '@summit/engine';
import { errorRecord } from '@summit/kernel';
import { type CoroutineEnd } from '@summit/sdk';

/** How a run says that its coroutine has ended; one that was asked to stop has stopped, however its code took it. */
export function lastItem(end: CoroutineEnd, cancelled: boolean): FrameItem {
  if (cancelled && end.how !== 'diverged') return { kind: 'stopped' };
  switch (end.how) {
    case 'completed':
      return { kind: 'complete', output: end.output };
    case 'failed':
      return { kind: 'fail', error: errorRecord(end.error, 'WORKFLOW_FAILED') };
    case 'diverged':
      return { kind: 'diverged', stepKey: end.stepKey, recorded: end.recorded, proposed: end.proposed };
  }
}
