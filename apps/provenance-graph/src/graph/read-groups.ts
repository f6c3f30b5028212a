import { decodeCommit, type DecodedCommit, type Opener } from '@summit/events';
import { type RecoveredGroup, readLinks } from '@summit/journal';
import { hasCode, type Json } from '@summit/kernel';
import { mapCommit, type PayloadDigest, type ProvGraph } from '@summit/prov';

/** What opens commits, and keys the digests of payloads. */
export interface GraphVault extends Opener {
  surrogate(tenant: string, kind: string, name: string): string;
}

/** What groups say of one tenant's provenance; commits of others are not even opened. Pure over (groups, keys). // I7 I8 */
export function readGroups(
  groups: readonly RecoveredGroup[],
  { partition, tenant, vault }: { partition: number; tenant: string; vault: GraphVault },
): readonly ProvGraph[] {
  const digest = digestOf(vault);
  return groups
    .flatMap(({ commits }) => commits)
    .filter(({ line }) => readLinks(line)?.tenant === tenant)
    .map(({ line }) => mapCommit({ decoded: open(partition, line, vault), digest }));
}

/** Keyed by the tenant; where its key is gone, nothing may be said of contents any more. */
const digestOf =
  (vault: GraphVault): PayloadDigest =>
  (tenant, text) => {
    try {
      return vault.surrogate(tenant, 'payload', text);
    } catch (error) {
      if (hasCode(error, 'KEY_ERASED') || hasCode(error, 'TENANT_ERASED')) return 'erased';
      throw error;
    }
  };

/** Payloads in the object store are not fetched: they go by the object's digest and size. */
function open(partition: number, line: string, vault: GraphVault): DecodedCommit {
  const decoded = decodeCommit(partition, line, vault);
  if (!decoded.references) return decoded;
  const names = decoded.references.map(({ digest, bytes }): [string, Json] => [digest, { digest, bytes }]);
  try {
    return decodeCommit(partition, line, vault, new Map(names));
  } catch (error) {
    if (hasCode(error, 'COMMIT_MALFORMED')) return decoded; // no name fits where that payload stands
    throw error;
  }
}
