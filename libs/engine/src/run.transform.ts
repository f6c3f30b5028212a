import { errorRecord, type ErrorRecord, isObject, type Json } from '@summit/kernel';
import { type PolicyAnswer } from '@summit/policy';
import { type PatchOperation, type Proposal } from './frame.ts';
import { applyDecidedPatch, jsonBytes, MAX_PATCHED_BYTES } from './patch-budget.ts';
import { ask, type Asked, type Tools } from './run.proposal.ts';
import { type RunState } from './run.state.ts';

/**
 * Applies the patch of a `transform` to the arguments of a tool call or the words of a model call: what is to be
 * decided once more, or why it is denied. What does not fit any more is denied, whatever policy says of it.
 */
export function transform(
  run: RunState,
  asked: Asked,
  answer: PolicyAnswer,
  tools: Tools,
): Asked | ErrorRecord {
  const { proposal, hash } = asked;
  if (proposal.kind !== 'propose' || (proposal.tool === undefined && proposal.step !== 'model')) {
    return invalid('only calls of tools and models can be transformed');
  }
  if (asked.flaw) return asked.flaw;
  const { args } = proposal;
  const patched = patchedArguments(args, answer.patch);
  if ('code' in patched) return invalid(patched.message);
  const changed = ask(run, { ...proposal, ...named(proposal, patched.args), args: patched.args }, tools);
  if (changed.flaw) return invalid(changed.flaw.message);
  return { ...changed, before: { hash, args } };
}

/** A call of a model bears the name of the model that is called. */
function named({ step }: Extract<Proposal, { kind: 'propose' }>, args: Json): { name?: string } {
  const model = step === 'model' && isObject(args) ? args['model'] : undefined;
  return typeof model === 'string' ? { name: model } : {};
}

function patchedArguments(args: Json, patch: Json | undefined): { readonly args: Json } | ErrorRecord {
  try {
    const operations = (Array.isArray(patch) ? patch : []) as readonly PatchOperation[];
    const most = jsonBytes(args) + MAX_PATCHED_BYTES; // arguments may be larger than a state
    return { args: applyDecidedPatch(args, operations, most) };
  } catch (error) {
    return errorRecord(error);
  }
}

const invalid = (why: string): ErrorRecord => ({
  code: 'POLICY_TRANSFORM_INVALID',
  message: `policy would change the arguments to what can not be executed: ${why}`,
  next: 'Ask whoever owns the policy to mend the patch of its transform.',
  retryable: false,
});
