import { decodeCommit, type DecodedCommit } from '@summit/events';
import { readLinks } from '@summit/journal';
import { hasCode } from '@summit/kernel';
import { type Vault } from '@summit/vault';
import { table } from '../verb.ts';
import { type PartitionMaterial } from './material.ts';
import { readGroup } from './lines.ts';

/** A commit of a run as it is shown; unsealed where its key is there. */
export interface ShownCommit {
  readonly sequence: number;
  readonly digest: string;
  readonly sealed: boolean;
  readonly erased: boolean;
  readonly id: string;
  readonly commit: DecodedCommit['commit'];
}

/** Every commit of a run, in order. Throws `COMMIT_MALFORMED`, `SEAL_BROKEN`. */
export async function commitsOf(
  material: PartitionMaterial,
  run: string,
  vault: Vault | undefined,
): Promise<ShownCommit[]> {
  const shown: ShownCommit[] = [];
  for await (const placed of material.groups()) {
    const { group, sequence } = readGroup(material.partition, placed);
    for (const { line, digest } of group.commits) {
      if (!line.includes(run) || readLinks(line)?.entity !== `run ${run}`) continue;
      shown.push({ sequence, digest, ...opened(material.partition, line, vault) });
    }
  }
  return shown;
}

/** What opens nothing: a commit reads then as one whose key is gone. */
const closed = { open: () => undefined };

function opened(
  partition: number,
  line: string,
  vault: Vault | undefined,
): Omit<ShownCommit, 'sequence' | 'digest'> {
  try {
    if (vault) return { sealed: false, ...decodeCommit(partition, line, vault) };
  } catch (error) {
    if (!hasCode(error, 'KEY_UNKNOWN')) throw error;
  }
  return { sealed: true, ...decodeCommit(partition, line, closed), erased: false };
}

/** A line for each event, the commit's decisions before them. */
export function commitsText(commits: readonly ShownCommit[]): string {
  const rows = commits.flatMap(({ id, commit, sealed, erased }) => [
    [
      id,
      new Date(commit.at).toISOString(),
      ...(sealed || erased ? [sealed ? '(sealed)' : '(erased)', ''] : ['', '']),
    ],
    ...commit.decisions.map(({ entry, verdict, reasons = [] }) => [
      '',
      '',
      `${verdict} by ${entry}`,
      reasons.join('; '),
    ]),
    ...commit.events.map(({ type, basis, ...event }, n) => [
      `  .${String(n)}`,
      typeof basis === 'number' ? `decision ${String(basis)}` : basis,
      type,
      short('data' in event ? event.data : undefined),
    ]),
  ]);
  return table([['commit', 'at / basis', 'event', 'data'], ...rows]);
}

const WIDTH = 120;

function short(data: unknown): string {
  const text = data === undefined ? '' : JSON.stringify(data);
  return text.length <= WIDTH ? text : `${text.slice(0, WIDTH)}…`;
}
