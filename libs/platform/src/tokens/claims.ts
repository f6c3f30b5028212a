import { isObject, RefusedError } from '@summit/kernel';
import { type Identity } from './token-verifier.ts';

/**
 * Where an issuer says who somebody is. A name is a claim's (`https://example.com/tenant`), or, where no claim has it,
 * a path of members (`realm_access.roles`).
 */
export interface ClaimNames {
  readonly tenant: string;
  readonly user: string;
  readonly roles: string;
}

/** Who a payload tells of. Throws {@link RefusedError} `TOKEN_INVALID` where it names no tenant or no user. */
export function identityOf(payload: Readonly<Record<string, unknown>>, names: ClaimNames): Identity {
  return {
    tenant: textAt(payload, names.tenant),
    user: textAt(payload, names.user),
    roles: rolesAt(payload, names.roles),
  };
}

function textAt(payload: Readonly<Record<string, unknown>>, name: string): string {
  const value = claimAt(payload, name);
  if (typeof value === 'string' && value !== '') return value;
  throw wrong(name, 'a text');
}

/** A list of texts, or one text with spaces between them, as `scope` has; nothing: no roles. */
function rolesAt(payload: Readonly<Record<string, unknown>>, name: string): readonly string[] {
  const value = claimAt(payload, name) ?? [];
  if (typeof value === 'string') return value.split(' ').filter((role) => role !== '');
  if (Array.isArray(value) && value.every((role) => typeof role === 'string')) return value;
  throw wrong(name, 'a list of texts');
}

function claimAt(payload: Readonly<Record<string, unknown>>, name: string): unknown {
  if (Object.hasOwn(payload, name)) return payload[name];
  let value: unknown = payload;
  for (const member of name.split('.'))
    value = isObject(value) && Object.hasOwn(value, member) ? value[member] : undefined;
  return value;
}

function wrong(name: string, kind: string): RefusedError {
  const next = 'Let the issuer put it into access tokens: docs/guides/identity-provider.md.';
  return new RefusedError('TOKEN_INVALID', `the token's claim "${name}" is not ${kind}`, next);
}
