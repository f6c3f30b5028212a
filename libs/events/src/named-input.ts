/**
 * A decision's input names what its commit holds already, instead of holding it twice.
 *
 * Kept is either the input itself, an object; or an array of one object: what remains of the input of a tool call's
 * first attempt without that which the commit, or the proposal that rests on the decision, says. Both read back to the
 * same bytes, those that policy saw.
 */
import { canonicalJson, isObject, MAX_DEPTH } from '@summit/kernel';
import { type Commit } from './commit.ts';
import { type StoredEvent } from './upcast.ts';

/** What an action carries was measured by itself, and stands some levels deeper in the input. */
const INPUT_DEPTH = MAX_DEPTH + 16;

/** Text of what is kept of the input of a commit's decision; JSON. */
export function keptInput({ decisions, events }: Pick<Commit, 'decisions' | 'events'>, n: number): string {
  const { input, rest } = decisions[n] ?? {};
  if (input === undefined) return 'null';
  const named =
    rest !== undefined && events.some((event) => event.type === 'StepProposed' && event.basis === n);
  return named ? `[${rest}]` : input;
}

/** What of an opened commit an input names; events as they were stored. */
export interface Naming {
  readonly tenant: string;
  readonly entity: unknown;
  readonly actor: Readonly<Record<string, unknown>>;
  readonly events: readonly StoredEvent[];
}

/**
 * The input of a commit's n-th decision, canonical (RFC 8785); undefined where none was kept, or where what it names is
 * not at hand (a payload in the object store that was not fetched).
 */
export function wholeInput(
  kept: unknown,
  n: number,
  { tenant, entity, actor, events }: Naming,
): string | undefined {
  if (kept === undefined || kept === null) return undefined;
  if (!Array.isArray(kept)) return canonicalJson(kept, INPUT_DEPTH);
  const rest: unknown = kept[0];
  const proposal = events.find(({ type, basis }) => type === 'StepProposed' && basis === n);
  if (!isObject(rest)) return undefined;
  const { action, now, run, thread } = rest;
  if (!isObject(action) || !isObject(run)) return undefined;
  if (!proposal || !isObject(proposal['data']) || !isObject(entity)) return undefined;
  const { actionHash, effect, tool, data } = proposal;
  const { args, name } = data;
  const { kind, id, name: called = id } = actor;
  const { attempts, ...counted } = run;
  // In canonical order, which is written faster.
  const input = {
    action: { actionHash, args, attempt: 1, effect, kind: 'tool', name, ...action, tool },
    actor: { id: called, kind, roles: [] },
    now,
    run: { attempts, id: entity['id'], ...counted },
    tenant,
    thread,
    v: 1,
  };
  return canonicalJson(input, INPUT_DEPTH);
}
