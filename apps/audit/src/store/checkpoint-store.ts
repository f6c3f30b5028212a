import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { hasCode, partitionToken } from '@summit/kernel';
import { type LogName } from '@summit/transparency-log';
import { appendFile, putFile, readIfThere, tenantDirectory } from './files.ts';

/**
 * What was signed: truth, kept apart from the tiles and never rewritten. A backup holds it beside the journal.
 *
 * An implementation MUST have a note durable before {@link keep} resolves, and MUST give notes back in the order in
 * which they were kept; a note that a crash tore was never shown to anybody and MUST NOT be given back.
 */
export interface CheckpointStore {
  keep(log: LogName, note: string): Promise<void>;
  /** Every checkpoint of a log, oldest first. */
  kept(log: LogName): Promise<string[]>;
  /** Tenants that have checkpoints in a partition. */
  tenants(partition: number): Promise<string[]>;
  /** The newest signed head of a partition's journal. */
  head(partition: number): Promise<string | undefined>;
  keepHead(partition: number, note: string): Promise<void>;
}

/** Notes in files: `<partition>/<tenant>.jsonl`, a JSON string a line, the tenant's name first; `<partition>/head`. */
export class FileCheckpointStore implements CheckpointStore {
  readonly #directory: string;
  /** Files that this process has looked at: their names stand in them and no torn line is left. */
  readonly #ready = new Set<string>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  async keep(log: LogName, note: string): Promise<void> {
    const file = this.#file(log);
    if (!this.#ready.has(file)) await this.#prepare(file, log.tenant);
    await appendFile(file, `${JSON.stringify(note)}\n`);
  }

  async kept(log: LogName): Promise<string[]> {
    return (await linesOf(this.#file(log))).slice(1);
  }

  async tenants(partition: number): Promise<string[]> {
    const directory = this.#partition(partition);
    const names = await readdir(directory).catch((error: unknown) => {
      if (hasCode(error, 'ENOENT')) return [];
      throw error;
    });
    const files = names.filter((name) => name.endsWith('.jsonl')).toSorted();
    const first = await Promise.all(
      files.map(async (name) => (await linesOf(join(directory, name))).slice(0, 1)),
    );
    return first.flat();
  }

  async head(partition: number): Promise<string | undefined> {
    return (await readIfThere(this.#headFile(partition)))?.toString('utf8');
  }

  async keepHead(partition: number, note: string): Promise<void> {
    await putFile(this.#headFile(partition), note);
  }

  /** Cuts off what a crash tore, so that the next note begins a line. */
  async #prepare(path: string, tenant: string): Promise<void> {
    const bytes = await readIfThere(path);
    if (bytes === undefined) await putFile(path, `${JSON.stringify(tenant)}\n`);
    else if (!bytes.toString('utf8').endsWith('\n')) await cut(path, bytes.lastIndexOf(0x0a) + 1);
    this.#ready.add(path);
  }

  #partition(partition: number): string {
    return join(this.#directory, partitionToken(partition));
  }

  #file({ tenant, partition }: LogName): string {
    return join(this.#partition(partition), `${tenantDirectory(tenant)}.jsonl`);
  }

  #headFile(partition: number): string {
    return join(this.#partition(partition), 'head');
  }
}

/** Whole lines, each a JSON string; one that is none is given as it stands, so that whoever reads it refuses it. */
async function linesOf(path: string): Promise<string[]> {
  const lines = (await readIfThere(path))?.toString('utf8').split('\n').slice(0, -1) ?? [];
  return lines.map(textOf);
}

function textOf(line: string): string {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'string' && JSON.stringify(value) === line) return value;
  } catch {
    // below
  }
  return line;
}

async function cut(path: string, length: number): Promise<void> {
  const file = await open(path, 'r+');
  try {
    await file.truncate(length);
    await file.datasync();
  } finally {
    await file.close();
  }
}
