import { type PatchOperation } from '@summit/engine';
import { isObject, type Json, type JsonObject, TerminalError } from '@summit/kernel';
import { copyJson } from './json-copy.ts';

/**
 * Members to set (undefined: to remove) as RFC 6902 operations; operations as they are. `known` says which members there
 * are. Throws `PATCH_INVALID`.
 */
export function patchOperations(
  change: JsonObject | readonly PatchOperation[],
  known: (member: string) => boolean,
): readonly PatchOperation[] {
  if (Array.isArray(change)) {
    const operations = copyJson(change) as readonly Json[];
    if (operations.every(isOperation)) return operations;
    throw new TerminalError('PATCH_INVALID', 'an operation of a patch is no object', 'See RFC 6902.');
  }
  if (!isObject(change)) {
    throw new TerminalError('PATCH_INVALID', 'a patch is an object or operations', 'Send either.');
  }
  return Object.entries(change).map(([key, value]) => {
    const path = `/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    if (value === undefined) return { op: 'remove', path };
    return { op: known(key) ? 'replace' : 'add', path, value: copyJson(value) };
  });
}

const isOperation = (value: Json): value is PatchOperation => isObject(value);
