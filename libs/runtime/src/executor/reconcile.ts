import { errorRecord, type Json } from '@summit/kernel';
import { type Reconciled } from '@summit/sdk';
import { type Attempt, withinTime } from './attempt.ts';

/**
 * Asks a tool what became of an attempt. What throws, takes longer than an attempt may, or says something else than it
 * should is `unknown`: people are asked then. // C1.3
 */
export async function reconcile(asking: Attempt): Promise<Reconciled<Json>> {
  const { action, args } = asking.options;
  if (!action.reconcile) return { verdict: 'unknown', reason: 'the tool can not reconcile' };
  try {
    return verdictOf(await withinTime(action, action.reconcile(args, asking.context())));
  } catch (error) {
    return { verdict: 'unknown', reason: `reconcile failed: ${errorRecord(error).message}` };
  }
}

/** Of a tool without types it may be anything. */
function verdictOf(said: Reconciled<Json>): Reconciled<Json> {
  switch (said.verdict) {
    case 'done':
      return { verdict: 'done', output: said.output };
    case 'never':
      return { verdict: 'never' };
    case 'unknown':
      return { verdict: 'unknown', reason: errorRecord(said.reason).message };
    default:
      return { verdict: 'unknown', reason: 'the tool gave no verdict' };
  }
}
