import { open } from 'node:fs/promises';
import { type PartitionMaterial } from './material.ts';
import { type Section, sectionLine } from './export-format.ts';

/** What was written. */
export interface Exported {
  readonly partitions: number;
  readonly groups: number;
  readonly commits: number;
  readonly bytes: number;
  /** Partitions whose last group is covered by a signed head. */
  readonly heads: number;
}

/** Writes an export; `key` is the public key of the notes, or empty. The file is replaced as it is written. */
export async function writeExport(
  file: string,
  partitions: readonly PartitionMaterial[],
  key: Uint8Array | undefined,
): Promise<Exported> {
  const out = await open(file, 'w', 0o600);
  const told = { groups: 0, commits: 0, bytes: 0, heads: 0 };
  let sections = 0;
  const put = async (section: Section, body: Uint8Array): Promise<void> => {
    const line = Buffer.from(sectionLine(section));
    await out.writev([line, body]);
    told.bytes += line.length + body.length;
    sections += 1;
  };
  try {
    const publicKey = key === undefined ? '' : Buffer.from(key).toString('base64');
    const first = {
      section: 'journal',
      v: 1,
      partitions: partitions.map(({ partition }) => partition),
      key: publicKey,
      bytes: 0,
    } as const;
    await put(first, new Uint8Array());
    for (const material of partitions) await writePartition(material, put, told);
    await put({ section: 'end', sections, bytes: 0 }, new Uint8Array());
    await out.datasync();
  } finally {
    await out.close();
  }
  return { partitions: partitions.length, ...told };
}

async function writePartition(
  material: PartitionMaterial,
  put: (section: Section, body: Uint8Array) => Promise<void>,
  told: { groups: number; commits: number; heads: number },
): Promise<void> {
  const { partition, generation, head, logs } = material;
  for await (const { sequence, bytes } of material.groups()) {
    await put({ section: 'group', partition, generation, sequence, bytes: bytes.length }, bytes);
    told.groups += 1;
    told.commits += linesIn(bytes) - 1;
  }
  if (head) {
    const bytes = Buffer.from(head.note);
    await put({ section: 'head', partition, bytes: bytes.length }, bytes);
    told.heads += 1;
  }
  for (const { tenant, entries, checkpoints } of logs) {
    if (entries) {
      const bytes = Buffer.from(entries.map((entry) => `${entry}\n`).join(''));
      await put({ section: 'entries', partition, tenant, bytes: bytes.length }, bytes);
    }
    const notes = Buffer.from(checkpoints.map((note) => `${JSON.stringify(note)}\n`).join(''));
    await put({ section: 'checkpoints', partition, tenant, bytes: notes.length }, notes);
  }
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (let at = bytes.indexOf(0x0a); at >= 0; at = bytes.indexOf(0x0a, at + 1)) lines += 1;
  return lines;
}
