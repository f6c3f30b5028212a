import { join } from 'node:path';
import { auditStores, logKey, PartitionLogs } from '@summit/audit';
import { decodeGroup, encodeGroup, FIRST_PREV, JOURNAL_START } from '@summit/journal';
import { CommitSource } from '@summit/journal/commits.fixture';
import { decodeBundle, digestOf, TILE_WIDTH, widthAt } from '@summit/transparency-log';
import { type LogMaterial, type PartitionMaterial, type PlacedGroup } from './material.ts';

/** A deployment of two partitions with logs, as an audit keeps it in a directory. */
export interface SmallJournal {
  readonly partitions: readonly PartitionMaterial[];
  readonly publicKey: Uint8Array;
}

const GROUPS: readonly (readonly string[])[] = [
  ['_system'],
  ['acme', 'blu'],
  ['acme', 'acme', 'acme'],
  ['blu', 'acme'],
  ['acme', 'blu'],
];

/** Writes journal and logs; a checkpoint after every second group. */
export async function smallJournal(dataDir: string): Promise<SmallJournal> {
  const key = logKey({ SUMMIT_DATA: dataDir, SUMMIT_AUDIT_KEY: undefined });
  const partitions = await Promise.all([0, 1].map((partition) => partitionOf(dataDir, partition)));
  return { partitions, publicKey: key.publicKey };
}

async function partitionOf(dataDir: string, partition: number): Promise<PartitionMaterial> {
  const stores = auditStores(dataDir);
  const key = logKey({ SUMMIT_DATA: dataDir, SUMMIT_AUDIT_KEY: undefined });
  const logs = new PartitionLogs({ partition, deployment: 'summit.test', key, ...stores });
  const groups = groupsOf(partition);
  let position = (await logs.position()) ?? JOURNAL_START;
  for (let at = 0; at < groups.length; at += 2) {
    const batch = groups.slice(at, at + 2).map(({ sequence, bytes }) => ({
      sequence,
      pending: groups.length - sequence,
      ...decodeGroup(bytes, { partition, sequence }),
    }));
    await logs.apply(batch, position);
    position = { ...position, sequence: batch.at(-1)?.sequence ?? 0 };
  }
  const note = (await stores.checkpoints.head(partition)) ?? '';
  return {
    partition,
    generation: 1,
    async *groups() {
      yield* groups;
    },
    head: { note, place: { partition, section: 'head' } },
    logs: await Promise.all(logs.logs.map(({ name, size }) => logOf(stores, name, size))),
  };
}

function groupsOf(partition: number): PlacedGroup[] {
  const source = new CommitSource(partition);
  let prev = FIRST_PREV;
  return GROUPS.map((tenants, i) => {
    const groupId = `${String(partition)}${String(i)}`.repeat(8);
    const header = { partition, generation: 1, epoch: 1 + Math.floor(i / 2), groupId, prev };
    const commits = tenants.map((tenant, n) => source.next(tenant, `run_${String(n % 2)}`, 'c2VhbGVk'));
    const { bytes, digest } = encodeGroup(header, commits);
    prev = digest;
    return { sequence: i + 1, bytes };
  });
}

async function logOf(
  { tiles, checkpoints }: ReturnType<typeof auditStores>,
  name: { readonly tenant: string; readonly partition: number },
  size: number,
): Promise<LogMaterial> {
  const entries: string[] = [];
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const width = widthAt(0, index, size);
    const bundle = await tiles.read(name, { level: 'entries', index, width });
    entries.push(...decodeBundle(bundle ?? new Uint8Array(), width).map(digestOf));
  }
  const { tenant } = name;
  return { tenant, entries, checkpoints: await checkpoints.kept(name), place: () => ({ tenant }) };
}

export const exportIn = (dir: string): string => join(dir, 'journal.export');
