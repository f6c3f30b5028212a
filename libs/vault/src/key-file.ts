/**
 * The keys that one writer minted for one tenant: records one after another, addressed by their number.
 *
 * Owns: the file and its copy in memory. Does not own: what the keys are for, the pool.
 *
 * 1. One file per writer (a process's reign over a directory): no lock can go stale, and what a crash tore off
 *    at the end of one file is never followed by another's records.
 * 2. Only the writer appends. Anybody may overwrite a record by its erased form, the one change a record knows.
 * 3. A record's number leaves this class after the fsync that made it durable. A write that failed leaves a hole
 *    whose numbers are never given out.
 */
import { closeSync, fdatasync, fdatasyncSync, openSync, readSync, statSync, write, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { overwrite, PRIVATE_FILE, syncDirectory } from './durable-files.ts';
import { erasedRecord, isWhole, RECORD_BYTES } from './key-record.ts';

const writeAsync = promisify(write);
const syncAsync = promisify(fdatasync);

/** Consecutive numbers of records. */
export interface Range {
  next: number;
  readonly end: number;
}

export class KeyFile {
  readonly #path: string;
  #bytes: Buffer = Buffer.alloc(0);
  /** Records that may be read. */
  #count = 0;
  /** Records promised to a write, done or not. */
  #reserved = 0;
  #descriptor: number | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** The record of a number, looking at the disk for what another process has added since. */
  record(index: number): Buffer | undefined {
    if (index >= this.#count && this.#descriptor === undefined) this.#readMore();
    if (index >= this.#count) return undefined;
    const record = this.#slice({ next: index, end: index + 1 });
    if (!isWhole(record)) this.reread(index); // it was read while its writer was writing
    return record;
  }

  /** Adds records, waiting for the disk in the calling thread; the numbers they got. */
  appendSync(count: number, fill: (record: Buffer, index: number) => void): Range {
    const range = this.#reserve(count, fill);
    const file = this.#open();
    writeSync(file, this.#slice(range), 0, count * RECORD_BYTES, range.next * RECORD_BYTES);
    fdatasyncSync(file);
    return this.#publish(range);
  }

  /** Adds records without blocking the event loop; the numbers they got, once durable. */
  async append(count: number, fill: (record: Buffer, index: number) => void): Promise<Range> {
    const range = this.#reserve(count, fill);
    const file = this.#open();
    await writeAsync(file, this.#slice(range), 0, count * RECORD_BYTES, range.next * RECORD_BYTES);
    await syncAsync(file);
    return this.#publish(range);
  }

  /** Overwrites a record by its erased form, on the disk first. */
  erase(index: number): void {
    const record = this.record(index);
    if (!record) return;
    const erased = erasedRecord(record);
    overwrite(this.#path, index * RECORD_BYTES, erased);
    record.set(erased);
  }

  /** Takes a record's bytes from the disk again: another process may have erased it. */
  reread(index: number): void {
    if (index >= this.#count) return;
    this.#read(index, index + 1);
  }

  close(): void {
    if (this.#descriptor !== undefined) closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  /** What stands on the disk behind the records that are known. */
  #readMore(): void {
    const size = statSync(this.#path, { throwIfNoEntry: false })?.size ?? 0;
    const end = Math.floor(size / RECORD_BYTES);
    if (end <= this.#count) return;
    this.#grow(end);
    this.#read(this.#count, end);
    this.#count = end;
  }

  #read(next: number, end: number): void {
    const file = openSync(this.#path, 'r');
    try {
      readSync(file, this.#bytes, next * RECORD_BYTES, (end - next) * RECORD_BYTES, next * RECORD_BYTES);
    } finally {
      closeSync(file);
    }
  }

  #grow(records: number): void {
    if (this.#bytes.length >= records * RECORD_BYTES) return;
    const larger = Buffer.alloc(2 * records * RECORD_BYTES);
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #reserve(count: number, fill: (record: Buffer, index: number) => void): Range {
    const range = { next: this.#reserved, end: this.#reserved + count };
    this.#reserved = range.end;
    this.#grow(range.end);
    for (let index = range.next; index < range.end; index++) {
      fill(this.#slice({ next: index, end: index + 1 }), index);
    }
    return range;
  }

  #slice({ next, end }: Range): Buffer {
    return this.#bytes.subarray(next * RECORD_BYTES, end * RECORD_BYTES);
  }

  #publish(range: Range): Range {
    this.#count = Math.max(this.#count, range.end);
    return range;
  }

  /** The name of a new file is made durable with it. */
  #open(): number {
    if (this.#descriptor !== undefined) return this.#descriptor;
    this.#descriptor = openSync(this.#path, 'wx', PRIVATE_FILE);
    syncDirectory(dirname(this.#path));
    return this.#descriptor;
  }
}
