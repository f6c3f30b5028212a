/**
 * Marks a promise as heard: a call of a workflow that nobody awaits must not end the process when it fails. Whoever
 * does await it gets the failure as ever.
 */
export function quiet<Promised extends Promise<unknown>>(promise: Promised): Promised {
  void Promise.resolve(promise).catch(heard);
  return promise;
}

const heard = (): void => undefined;
