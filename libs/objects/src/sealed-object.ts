/**
 * An object's bytes: the JSON text of one payload, sealed as commits are, under the commit's own key with a salt of
 * the object's own. In the derivation `object` stands where a commit's id does; commit ids begin with digits, so the
 * two never share a key.
 */
import { type Commit, type Opener, type Sealer } from '@summit/events';

/** What of a commit its objects are bound to. */
type Owner = Pick<Commit, 'tenant' | 'key'>;

const contextOf = ({ tenant, key }: Owner, salt: string) => ({ tenant, key, commitId: 'object', salt });

/** Says which tenant's it is, so that no tenant's object opens as another's. // I8 */
const associated = ({ tenant }: Owner): string => JSON.stringify({ object: 1, tenant });

/** // I9 */
export function sealObject(sealer: Sealer, owner: Owner, salt: string, text: string): Uint8Array {
  return Buffer.from(sealer.seal(contextOf(owner, salt), associated(owner), text), 'base64');
}

/** The payload's text, or undefined where the key was destroyed. Throws `SEAL_BROKEN`. */
export function openObject(
  opener: Opener,
  owner: Owner,
  salt: string,
  bytes: Uint8Array,
): string | undefined {
  return opener.open(contextOf(owner, salt), associated(owner), Buffer.from(bytes).toString('base64'));
}
