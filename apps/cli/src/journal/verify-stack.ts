import { decodeGroup } from '@summit/journal';
import { isObject } from '@summit/kernel';
import { decisionCheck } from './check-decisions.ts';
import { keysOf } from './keys.ts';
import { type JournalMaterial } from './material.ts';
import { keyOf, readerConnection, stackMaterial } from './stack-material.ts';
import { type Verification, verify } from './verification.ts';

/** A running stack's journal, checked as `summit verify` does, and how many events are in it. */
export async function verifyStack(dataDir: string): Promise<Verification & { readonly events: number }> {
  const nc = await readerConnection(dataDir);
  const keys = keysOf(dataDir);
  try {
    const material = await stackMaterial(nc, dataDir);
    const decisions = keys && (await decisionCheck(keys.vault, nc));
    const events = await countEvents(material);
    return { ...(await verify({ material, trusted: keyOf(dataDir), decisions })), events };
  } finally {
    await keys?.close();
    await nc.close();
  }
}

async function countEvents({ partitions }: JournalMaterial): Promise<number> {
  let events = 0;
  for (const material of partitions) {
    for await (const { sequence, bytes } of material.groups()) {
      const { commits } = decodeGroup(bytes, { partition: material.partition, sequence });
      for (const { line } of commits) events += eventsIn(line);
    }
  }
  return events;
}

function eventsIn(line: string): number {
  const commit: unknown = JSON.parse(line);
  const events = isObject(commit) ? commit['events'] : undefined;
  return Array.isArray(events) ? events.length : 0;
}
