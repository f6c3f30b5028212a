import { canonicalJson, isObject, type Json } from '@summit/kernel';
import { type PolicyAction, viewOf } from '@summit/policy';
import { type Question } from './frame.ts';

/** What a question's hash covers, beside its key. */
export function questionArguments({ name, data, roles, quorum, expiresMs }: Question): Json {
  return {
    title: name,
    data,
    ...(roles && { roles: [...roles] }),
    ...(quorum !== undefined && { quorum }),
    ...(expiresMs !== undefined && { expiresMs }),
  };
}

/** The same question about other data. */
export function withData(args: Json, data: Json): Json {
  return isObject(args) ? { ...args, data } : { data };
}

/** What policy is asked about a question, whose arguments {@link questionArguments} made: on whose word does it go? */
export function questionAction(name: string, actionHash: string, args: Json): PolicyAction {
  const { data = null, roles, quorum, expiresMs } = isObject(args) ? args : {};
  return {
    kind: 'approve',
    name,
    actionHash,
    ...(Array.isArray(roles) && { roles: roles.map(String) }),
    ...(typeof quorum === 'number' && { quorum }),
    ...(typeof expiresMs === 'number' && { ttl_s: expiresMs / 1000 }),
    ...viewOf(data, canonicalJson(data)),
  };
}
