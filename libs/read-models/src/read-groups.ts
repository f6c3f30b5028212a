import { type Commit, decodeCommit, type Opener } from '@summit/events';
import { type RecoveredGroup } from '@summit/journal';
import { Batch } from './batch.ts';
import { changesOf } from './changes.ts';
import { type Surrogate } from './occurrence.ts';
import { decodeNames } from './open-line.ts';

/** What opens commits, and names what people named. */
export interface ProjectionVault extends Opener {
  surrogate: Surrogate;
}

/** What groups change, one row a key, and the time of the newest commit. Pure over (groups, keys). // I7 */
export function readGroups(
  groups: readonly RecoveredGroup[],
  partition: number,
  vault: ProjectionVault,
): { readonly batch: Batch; readonly at: number } {
  const batch = new Batch();
  const surrogate: Surrogate = (tenant, kind, name) => vault.surrogate(tenant, kind, name);
  let at = 0;
  for (const { sequence, commits } of groups) {
    for (const { line } of commits) {
      const { id, commit } = decode(partition, line, vault);
      at = commit.at;
      for (const change of changesOf({ partition, sequence, line, id, commit }, surrogate)) batch.add(change);
    }
  }
  return { batch, at };
}

/** Of most commits the clear part is enough; payloads in the object store change no row. */
function decode(
  partition: number,
  line: string,
  vault: Opener,
): { readonly id: string; readonly commit: Commit } {
  const closed = decodeCommit(partition, line, CLOSED);
  const opens = closed.commit.events.some(({ type }) => type === 'RunCreated');
  return opens ? decodeNames(partition, line, vault) : closed;
}

const CLOSED: Opener = { open: () => undefined };
