import { applyPatch, type Edit, type Settlement } from '@summit/engine';
import { isObject, type Json } from '@summit/kernel';
import { copyJson } from './json-copy.ts';

/** A change of the state: by a person, or by the run itself, settled. */
export type Change = Pick<Edit, 'stateVersion' | 'patch'>;

/**
 * The thread's state as its run has received it. It changes in the order of its versions, whoever changed it: a change
 * whose predecessor was lost on the way waits until that has come.
 */
export class ReceivedState {
  #state: Json;
  #version: number;
  /** What is to be delivered again after its predecessor, by version; made when something comes too early. */
  #early: Map<number, () => void> | undefined;

  constructor(state: Json, version: number) {
    this.#state = state;
    this.#version = version;
  }

  /** A copy: the state changes by patches alone. */
  get(): Json {
    return copyJson(this.#state);
  }

  /** Whether it has a member of that name. */
  hasMember(name: string): boolean {
    return isObject(this.#state) && Object.hasOwn(this.#state, name);
  }

  /** Whether a version was received before. */
  has(version: number): boolean {
    return version <= this.#version;
  }

  /** Whether a change comes too early; then it is delivered `again` in its turn. */
  waits({ stateVersion }: Change, again: () => void): boolean {
    if (stateVersion <= this.#version + 1) return false;
    (this.#early ??= new Map<number, () => void>()).set(stateVersion, again);
    return true;
  }

  apply({ stateVersion, patch }: Change): void {
    this.#state = applyPatch(this.#state, patch);
    this.#version = stateVersion;
    const next = this.#early?.get(stateVersion + 1);
    this.#early?.delete(stateVersion + 1);
    next?.();
  }
}

/** What a settled patch changes: it was answered with the version that it made. Undefined where it was denied. */
export function changeOf({ patch, result }: Settlement): Change | undefined {
  return patch && result.ok ? { patch, stateVersion: Number(result.output) } : undefined;
}
