import { registerHooks } from 'node:module';

/** What an app may import without having it installed: the runtime's own copies. */
const OWN = /^(?:@summit\/[a-z-]+|zod)(?:\/.*)?$/;

/** `ERR_MODULE_NOT_FOUND`, as Node words it for a package that is not there. */
const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_MODULE_NOT_FOUND';

let registered = false;

/**
 * Lets an app's directory lie anywhere: where it has no copy of `@summit/*` or `zod` of its own, those of the runtime
 * are taken. What an app brings itself comes first.
 */
export function lendOwnModules(): void {
  if (registered) return;
  registered = true;
  registerHooks({
    resolve(specifier, context, nextResolve) {
      try {
        return nextResolve(specifier, context);
      } catch (error) {
        if (!OWN.test(specifier) || !isMissing(error)) throw error;
        return nextResolve(specifier, { ...context, parentURL: import.meta.url });
      }
    },
  });
}
