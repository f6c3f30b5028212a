import { InvalidInputError, type Json } from '@summit/kernel';
import jsonpatch from 'fast-json-patch';
import { type Conversation } from './conversation.ts';
import { type PatchOperation } from './frame.ts';

/** A conversation's state, across its runs. `stateVersion` is dense per thread and is what `If-Match` means. */
export interface ThreadState {
  readonly tenant: string;
  /** Surrogate, as it stands in clear. */
  readonly thread: string;
  /** Id of the key that seals the thread's commits. */
  readonly key: string;
  /** [C4.1] What was said on it; nothing, where it is not given. */
  conversation?: Conversation;
  state: Json;
  stateVersion: number;
  /** The run that has the thread, and those that wait for it, in order. */
  active: string | undefined;
  readonly queue: string[];
}

/**
 * Applies an RFC 6902 patch; the document is not changed, the result is new. Throws {@link InvalidInputError}
 * `PATCH_INVALID` where an operation is malformed, its path is not there, or a `test` fails.
 */
export function applyPatch(document: Json, patch: readonly PatchOperation[]): Json {
  try {
    const operations = structuredClone(patch) as unknown as jsonpatch.Operation[];
    const result: unknown = jsonpatch.applyPatch(
      structuredClone(document),
      operations,
      true,
      true,
      true,
    ).newDocument;
    return result as Json;
  } catch (error) {
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new InvalidInputError(
      'PATCH_INVALID',
      `the patch does not apply: ${reason}`,
      'Read the state again and send RFC 6902 operations that fit it.',
    );
  }
}
