import { canonicalJson, errorRecord, InvalidInputError, type Json } from '@summit/kernel';
import { type PatchOperation } from './frame.ts';
import { applyPatch } from './patch.ts';

/** Bytes of JSON text that a patch may make by copying, and that a state may grow to. */
export const MAX_PATCHED_BYTES = 1024 * 1024;

/**
 * {@link applyPatch} for a patch that is being decided, so that a few operations can not make what nobody could hold:
 * copies double with every round. What is `most` bytes long already may change, and not grow. Recorded patches are
 * folded without it, for what was decided stands.
 */
export function applyDecidedPatch(
  document: Json,
  patch: readonly PatchOperation[],
  most = MAX_PATCHED_BYTES,
): Json {
  let copied = 0;
  const result = applyPatch(document, patch, (value) => {
    copied += jsonBytes(value);
    if (copied > MAX_PATCHED_BYTES) {
      throw invalid('makes more than 1 MiB by copying', 'Copy less, or send the values themselves.');
    }
  });
  const bytes = canonicalBytes(result);
  if (bytes <= most || bytes <= jsonBytes(document)) return result;
  throw invalid(
    `would leave ${String(bytes)} bytes of JSON, over ${String(most)}`,
    'Remove what is no longer needed, and keep large values elsewhere with a reference to them here.',
  );
}

/** Bytes of a value's JSON text; none of what has no text. */
export function jsonBytes(value: unknown): number {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? 0 : Buffer.byteLength(text);
}

/** What has no canonical text has no hash. */
function canonicalBytes(result: Json): number {
  try {
    return Buffer.byteLength(canonicalJson(result));
  } catch (error) {
    throw invalid(
      `leaves what is no JSON: ${errorRecord(error).message}`,
      'Send operations that leave JSON.',
    );
  }
}

const invalid = (why: string, next: string): InvalidInputError =>
  new InvalidInputError('PATCH_INVALID', `the patch ${why}`, next);
