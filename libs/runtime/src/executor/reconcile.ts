import { errorRecord, type Json } from '@summit/kernel';
import { type Reconciled } from '@summit/sdk';
import { type Attempt, withinTime } from './attempt.ts';

/** Asks a tool what became of an attempt. What throws, or takes longer than an attempt may, is `unknown`. // C1.3 */
export async function reconcile(asking: Attempt): Promise<Reconciled<Json>> {
  const { action, args } = asking.options;
  if (!action.reconcile) return { verdict: 'unknown', reason: 'the tool can not reconcile' };
  try {
    return await withinTime(action, action.reconcile(args, asking.context()));
  } catch (error) {
    return { verdict: 'unknown', reason: `reconcile failed: ${errorRecord(error).message}` };
  }
}
