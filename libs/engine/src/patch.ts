import { InvalidInputError, type Json } from '@summit/kernel';
import jsonpatch from 'fast-json-patch';
import { type PatchOperation } from './frame.ts';

type Operation = jsonpatch.Operation;
type Move = Extract<Operation, { op: 'move' }>;

/** Told the value of each `copy` before it is made; what it throws stops the patch. */
export type BeforeCopy = (value: unknown) => void;

/**
 * Applies an RFC 6902 patch; the document is not changed, the result is new. Throws {@link InvalidInputError}
 * `PATCH_INVALID` where an operation is malformed, its path is not there, or a `test` fails.
 */
export function applyPatch(document: Json, patch: readonly PatchOperation[], beforeCopy?: BeforeCopy): Json {
  try {
    let result: unknown = structuredClone(document);
    for (const operation of patch) {
      result = applied(result, structuredClone(operation) as unknown as Operation, beforeCopy);
    }
    return result as Json;
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    const reason = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
    throw new InvalidInputError(
      'PATCH_INVALID',
      `the patch does not apply: ${reason}`,
      'Read the state again and send RFC 6902 operations that fit it.',
    );
  }
}

/** Changes the document, which may also become another. */
function applied(document: unknown, operation: Operation, beforeCopy?: BeforeCopy): unknown {
  jsonpatch.validator(operation, 0);
  if (operation.path !== '' && operation.op === 'move') return moved(document, operation);
  if (operation.op === 'copy') beforeCopy?.(valueAt(document, operation.from));
  return jsonpatch.applyOperation(document, operation, operation.path === '' ? true : validate).newDocument;
}

/** The library's own `move` copies the value that stands in its place, which is as large as anybody makes it. */
function moved(document: unknown, operation: Move): unknown {
  const { path, from } = operation;
  const validateMove: jsonpatch.Validator<unknown> = (_get, index, root, existing) => {
    validate(operation, index, root, existing);
  };
  jsonpatch.applyOperation(document, { op: '_get', path, value: undefined }, validateMove);
  const value: unknown = jsonpatch.applyOperation(document, { op: 'remove', path: from }).removed;
  return jsonpatch.applyOperation(document, { op: 'add', path, value }).newDocument;
}

/** As the library validates; but to see whether a value is there, that copies the whole document. */
const validate: jsonpatch.Validator<unknown> = (operation, index, document, existing) => {
  if (operation.op !== 'move' && operation.op !== 'copy') {
    jsonpatch.validator(operation, index, document, existing);
  } else if (operation.from.startsWith('/') && valueAt(document, operation.from) === undefined) {
    throw new Error('Cannot perform the operation from a path that does not exist');
  }
};

function valueAt(document: unknown, pointer: string): unknown {
  let value = document;
  for (const key of pointer.split('/').slice(1)) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[jsonpatch.unescapePathComponent(key)];
  }
  return value;
}
