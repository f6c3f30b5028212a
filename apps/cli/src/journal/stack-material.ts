import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { auditStores, logKey } from '@summit/audit';
import { connectNats, NatsJournalStore } from '@summit/journal-nats';
import { NotFoundError } from '@summit/kernel';
import { natsUrlAs, waitFor } from '@summit/servers';
import {
  decodeBundle,
  digestOf,
  parseCheckpoint,
  parseNote,
  type ReadTile,
  type Tile,
  TILE_WIDTH,
  widthAt,
} from '@summit/transparency-log';
import { natsDataDir } from '../supervisor/stack-servers.ts';
import { readStackState } from '../supervisor/stack-state.ts';
import {
  type JournalMaterial,
  type LogMaterial,
  type PartitionMaterial,
  type PlacedGroup,
} from './material.ts';

/** How long the logs may take to cover what was there when they were asked, milliseconds. */
const COVERED_MS = 10_000;

type Stores = ReturnType<typeof auditStores>;

/** The bus of the stack of a data directory, as a user who reads. Throws `NO_NATS`. */
export async function readerConnection(dataDir: string): Promise<NatsConnection> {
  const named = process.env['SUMMIT_NATS_URL'];
  const server = readStackState(dataDir)?.processes.find(({ name }) => name === 'nats')?.url;
  const url =
    named ??
    (server === undefined || server === null ? undefined : natsUrlAs(server, natsDataDir(dataDir), 'reader'));
  if (url !== undefined) return connectNats(url, { name: 'summit verify' });
  throw new NotFoundError(
    'NO_NATS',
    `no stack runs in ${dataDir}`,
    'Start it with summit up, or set SUMMIT_NATS_URL.',
  );
}

/** The public key of the logs of a data directory, where they have one. */
export function keyOf(dataDir: string): Uint8Array | undefined {
  if (!existsSync(join(dataDir, 'development-audit.pem'))) return undefined;
  return logKey({ SUMMIT_DATA: dataDir, SUMMIT_AUDIT_KEY: undefined }).publicKey;
}

/**
 * The journal of a running stack with the checkpoints and tiles of its data directory, as far as the newest signed
 * head; where nothing is signed, and without `logs`, as far as it goes.
 */
export async function stackMaterial(
  nc: NatsConnection,
  dataDir: string,
  { logs = true }: { readonly logs?: boolean } = {},
): Promise<JournalMaterial> {
  const key = logs ? keyOf(dataDir) : undefined;
  const stores = auditStores(dataDir);
  const unchecked: string[] = [];
  const partitions: PartitionMaterial[] = [];
  for (const { partition, generation } of await journals(nc)) {
    const store = new NatsJournalStore(nc, { partition, generation });
    const last = (await store.head())?.sequence ?? 0;
    const covered = key && (await coveredUpTo(stores, partition, last));
    const cut = covered?.sequence ?? last;
    if (cut < last)
      unchecked.push(`${String(last - cut)} groups of partition ${String(partition)} behind the signed head`);
    partitions.push({
      partition,
      generation,
      groups: () => until(store, cut),
      ...(covered && { head: { note: covered.head, place: { partition, section: 'head' } } }),
      logs: covered ? await logsAt(stores, partition, covered) : [],
    });
  }
  return { partitions, ...(key && { publicKey: key }), unchecked, close: () => nc.close() };
}

/** Which journals there are, by the names of their streams. */
async function journals(nc: NatsConnection): Promise<{ partition: number; generation: number }[]> {
  const found: { partition: number; generation: number }[] = [];
  for await (const name of (await jetstreamManager(nc)).streams.names()) {
    const match = /^SUMMIT_JOURNAL_(\d{2})_(\d{4})$/.exec(name);
    if (match) found.push({ partition: Number(match[1]), generation: Number(match[2]) });
  }
  return found.toSorted((one, other) => one.partition - other.partition);
}

async function* until(store: NatsJournalStore, cut: number): AsyncIterable<PlacedGroup> {
  for await (const group of store.read(1)) {
    if (group.sequence > cut) return;
    yield group;
  }
}

/** What was signed of a partition at one moment. */
interface Covered {
  readonly head: string;
  readonly sequence: number;
  readonly logs: readonly { readonly tenant: string; readonly size: number }[];
}

/** Once it covers what was there; after a while what there is. Head and position are of the same moment. */
async function coveredUpTo(
  { tiles, checkpoints }: Stores,
  partition: number,
  last: number,
): Promise<Covered | undefined> {
  let newest: Covered | undefined;
  const look = async (): Promise<Covered | undefined> => {
    const [position, head] = [await tiles.position(partition), await checkpoints.head(partition)];
    if (!position || head === undefined || parseCheckpoint(parseNote(head).text).size !== position.sequence)
      return undefined;
    newest = { head, sequence: position.sequence, logs: position.logs };
    return newest.sequence >= last ? newest : undefined;
  };
  if ((await checkpoints.head(partition)) === undefined && last === 0) return undefined;
  return (await waitFor(look, { deadlineMs: COVERED_MS, everyMs: 20 })) ?? newest;
}

async function logsAt(
  { tiles, checkpoints }: Stores,
  partition: number,
  { logs }: Covered,
): Promise<LogMaterial[]> {
  return Promise.all(
    logs.map(async ({ tenant, size }): Promise<LogMaterial> => {
      const name = { tenant, partition };
      const notes = await checkpoints.kept(name);
      const read = async (tile: Tile): Promise<Uint8Array> => {
        const bytes = await tiles.read(name, tile);
        if (bytes) return bytes;
        throw new NotFoundError('TILE_MISSING', 'a tile is not stored', 'Run summit rebuild audit.');
      };
      return {
        tenant,
        checkpoints: notes.filter((note) => sizeOf(note) <= size),
        entries: await entriesOf(read, size),
        place: (section, index) => ({
          partition,
          tenant,
          section,
          ...(index !== undefined && { line: index + 1 }),
        }),
        readTile: read,
      };
    }),
  );
}

/** A note that can not be read stays, so that it is found. */
function sizeOf(note: string): number {
  try {
    return parseCheckpoint(parseNote(note).text).size;
  } catch {
    return 0;
  }
}

/** The log's own entries; where a bundle is missing or damaged they end before it. */
async function entriesOf(read: ReadTile, size: number): Promise<string[]> {
  const entries: string[] = [];
  for (let index = 0; index * TILE_WIDTH < size; index++) {
    const width = widthAt(0, index, size);
    const bundle = await read({ level: 'entries', index, width }).catch(() => undefined);
    if (!bundle) return entries;
    try {
      entries.push(...decodeBundle(bundle, width).map(digestOf));
    } catch {
      return entries;
    }
  }
  return entries;
}
