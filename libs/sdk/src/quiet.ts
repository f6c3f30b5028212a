/**
 * Marks a promise as heard: a call of a workflow that nobody awaits must not end the process when it fails. Whoever
 * does await it gets the failure as ever.
 */
export function quiet<Promised extends Promise<unknown>>(promise: Promised): Promised {
  void Promise.resolve(promise).catch(heard);
  return promise;
}

const heard = (): void => undefined;

/** The same for every method of an object that gives a promise. */
export function quietly<Methods extends Readonly<Record<string, (...args: never[]) => Promise<unknown>>>>(
  methods: Methods,
): Methods {
  const wrapped = Object.entries(methods).map(([name, method]) => [
    name,
    (...args: never[]) => quiet(method(...args)),
  ]);
  return Object.fromEntries(wrapped) as Methods;
}
