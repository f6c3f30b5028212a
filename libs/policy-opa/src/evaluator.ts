import { readFileSync } from 'node:fs';
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import {
  AREA,
  ASKED,
  type Channel,
  channelMemory,
  channelOver,
  COUNT,
  CURRENT,
  DONE,
  LOADED,
  MARK,
  MAX_BATCH,
  type PolicySource,
  READY,
  SLOT,
  THREAD,
  type WorkerInit,
} from './channel.ts';

/** One evaluation: a policy that was loaded, the number of its entry point, the input. */
export interface Job {
  readonly handle: number;
  readonly entry: number;
  readonly input: string;
}

/** What came of it. */
export type JobResult =
  | { readonly kind: 'answered'; readonly text: string }
  | { readonly kind: 'failed'; readonly why: string }
  | { readonly kind: 'noEntry' }
  | { readonly kind: 'tooLong' }
  | { readonly kind: 'timeout' };

export interface EvaluatorOptions {
  /** Milliseconds of one evaluation. */
  readonly deadlineMs: number;
  readonly maxInstances: number;
}

/** A worker that does not start within this many milliseconds counts as one that hangs. */
const START_MS = 10_000;
/** Where CPU time can be read, a worker that was not given the processor has this many deadlines of wall time. */
const STARVED = 10;

/**
 * The leader's side of one worker thread.
 *
 * Owns the thread and the shared memory; does not know tenants or verdicts. `finish` blocks: it returns when every job
 * is answered, or when one exceeds its deadline; then the worker is dead and the jobs after that one are left over.
 */
export class Evaluator {
  readonly #worker: Worker;
  readonly #port: MessagePort;
  readonly #channel: Channel;
  readonly #buffers: { readonly input: Buffer; readonly output: Buffer };
  readonly #deadlineMs: number;
  #batch = 0;
  /** Jobs of the batch that is open. */
  #count = 0;
  #started = false;
  #alive = true;

  constructor({ deadlineMs, maxInstances }: EvaluatorOptions) {
    const memory = channelMemory();
    const { port1, port2 } = new MessageChannel();
    const init: WorkerInit = { memory, port: port2, maxInstances };
    this.#channel = channelOver(memory);
    this.#buffers = { input: Buffer.from(memory.input), output: Buffer.from(memory.output) };
    this.#deadlineMs = deadlineMs;
    this.#port = port1;
    this.#port.unref();
    // No environment, no flags of ours: the worker runs as plain Node, under any test runner too.
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: init,
      transferList: [port2],
      env: {},
      execArgv: [],
    });
    this.#worker.unref();
    this.#worker.on('error', () => (this.#alive = false));
  }

  /** Whether it can be given jobs. */
  get alive(): boolean {
    return this.#alive;
  }

  /** Sends a policy ahead of the jobs that name its handle. */
  load(source: PolicySource): void {
    this.#port.postMessage(source);
    Atomics.add(this.#channel.control, LOADED, 1);
  }

  /** Gives the worker a batch, and does not wait. One batch at a time: {@link finish} comes before the next. */
  begin(jobs: readonly Job[]): void {
    const { control } = this.#channel;
    this.#started = Atomics.wait(control, READY, 0, START_MS) !== 'timed-out';
    this.#count = this.#started ? this.#write(jobs) : 0;
    if (this.#count === 0) return;
    Atomics.store(control, COUNT, this.#count);
    Atomics.store(control, CURRENT, 0);
    Atomics.store(control, ASKED, ++this.#batch);
    Atomics.notify(control, ASKED);
  }

  /** Results in order; fewer than jobs where a batch was full, or a job hung (then it is the last result). Blocks. */
  finish(): JobResult[] {
    if (!this.#started) return this.#hung([]);
    if (this.#count === 0) return [{ kind: 'tooLong' }];
    const inTime = this.#await();
    const results: JobResult[] = [];
    for (let i = 0; i < this.#count; i++) {
      const mark = Atomics.load(this.#channel.slots, i * SLOT + 4);
      if (mark === MARK.none) break;
      results.push(this.#read(i, mark));
    }
    if (!inTime) return results.length < this.#count ? this.#hung(results) : (this.stop(), results);
    return results.length === 0 ? [{ kind: 'tooLong' }] : results;
  }

  /** Ends the thread, in whatever it is doing. */
  stop(): void {
    this.#alive = false;
    this.#port.close();
    void this.#worker.terminate();
  }

  #hung(results: JobResult[]): JobResult[] {
    this.stop();
    return [...results, { kind: 'timeout' }];
  }

  /** Writes as many jobs as fit; their number. */
  #write(jobs: readonly Job[]): number {
    const { slots } = this.#channel;
    const { input } = this.#buffers;
    let at = 0;
    let count = 0;
    for (const job of jobs.slice(0, MAX_BATCH)) {
      // UTF-8 needs at most three bytes a UTF-16 unit.
      if (at + job.input.length * 3 > AREA) break;
      const length = input.write(job.input, at);
      slots.set([job.handle, job.entry, at, length, MARK.none], count * SLOT);
      at += length;
      count++;
    }
    return count;
  }

  #read(index: number, mark: number): JobResult {
    if (mark === MARK.noEntry) return { kind: 'noEntry' };
    const [start = 0, length = 0] = this.#channel.slots.subarray(index * SLOT + 5, index * SLOT + 7);
    const text = this.#buffers.output.toString('utf8', start, start + length);
    return mark === MARK.answered ? { kind: 'answered', text } : { kind: 'failed', why: text };
  }

  /** Waits for the batch; false where one job ran past its deadline. */
  #await(): boolean {
    const { control } = this.#channel;
    const slice = Math.max(1, this.#deadlineMs / 5);
    let seen: { index: number; wall: number; cpu: number | undefined } | undefined;
    while (Atomics.load(control, DONE) !== this.#batch) {
      if (Atomics.wait(control, DONE, this.#batch - 1, slice) !== 'timed-out') continue;
      const index = Atomics.load(control, CURRENT);
      const wall = performance.now();
      const cpu = cpuMs(Atomics.load(control, THREAD));
      if (seen?.index !== index) {
        seen = { index, wall: wall - slice, cpu };
        continue;
      }
      // What counts is what the policy used; a machine that is busy elsewhere must not turn into a denial.
      const used = cpu === undefined || seen.cpu === undefined ? wall - seen.wall : cpu - seen.cpu + slice;
      if (used >= this.#deadlineMs || wall - seen.wall >= this.#deadlineMs * STARVED) return false;
    }
    return true;
  }
}

/** Processor time that a thread of this process has used, in milliseconds; undefined where it can not be read. */
function cpuMs(thread: number): number | undefined {
  if (thread === 0) return undefined;
  try {
    const nanoseconds = Number(
      readFileSync(`/proc/self/task/${String(thread)}/schedstat`, 'utf8').split(' ')[0],
    );
    return nanoseconds > 0 ? nanoseconds / 1e6 : undefined;
  } catch {
    return undefined;
  }
}
