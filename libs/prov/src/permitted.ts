import { type Basis, type Commit } from '@summit/events';
import { isObject } from '@summit/kernel';
import { type Facts } from './terms.ts';

/** Members of an action that an attempt bears as facts, and the facts' names. */
const TOLD = { name: 'name', kind: 'stepKind', effect: 'effect', tool: 'tool' } as const;

/**
 * What a permit permits, where its intent stands in an earlier commit (people were asked, an attempt failed, a run was
 * paused): as the policy engine was asked about it. None where the key is gone.
 */
export function permittedAction({ decisions }: Commit, basis: Basis): Facts {
  const input = typeof basis === 'number' ? decisions[basis]?.input : undefined;
  const asked: unknown = input === undefined ? undefined : JSON.parse(input);
  const action = isObject(asked) ? asked['action'] : undefined;
  if (!isObject(action)) return {};
  return Object.fromEntries(
    Object.entries(TOLD).flatMap(([member, fact]) => {
      const value = action[member];
      return typeof value === 'string' ? [[fact, value]] : [];
    }),
  );
}
