import type { MessagePort } from 'node:worker_threads';

/**
 * The memory that a leader's thread and an evaluator's worker share.
 *
 * One batch at a time: the leader writes requests, raises {@link ASKED} and waits; the worker answers in order, says
 * at each one where it is ({@link CURRENT}), marks it in its slot, and raises {@link DONE}. A slot without a mark was
 * not answered.
 */
export interface Channel {
  readonly control: Int32Array;
  /** {@link SLOT} numbers a request. */
  readonly slots: Int32Array;
  /** Requests' inputs, UTF-8. */
  readonly input: Uint8Array;
  /** Answers, UTF-8. */
  readonly output: Uint8Array;
}

// Places in `control`.
export const READY = 0;
export const ASKED = 1;
export const DONE = 2;
/** Requests in the batch. */
export const COUNT = 3;
/** The request that is being answered. */
export const CURRENT = 4;
/** Policies sent over the port so far. */
export const LOADED = 5;
/** The worker's thread, as Linux numbers it; 0 elsewhere. */
export const THREAD = 6;

/** Places of a slot: policy, entry point, where the input begins, its length, mark, where the answer is, its length. */
export const SLOT = 7;
export const MAX_BATCH = 256;
/** Bytes for the inputs, and for the answers, of one batch. */
export const AREA = 1024 * 1024;

/** Marks of a slot. */
export const MARK = { none: 0, answered: 1, failed: 2, noEntry: 3 } as const;

/** What goes over to the worker. */
export interface ChannelMemory {
  readonly control: SharedArrayBuffer;
  readonly slots: SharedArrayBuffer;
  readonly input: SharedArrayBuffer;
  readonly output: SharedArrayBuffer;
}

export function channelMemory(): ChannelMemory {
  return {
    control: new SharedArrayBuffer(64),
    slots: new SharedArrayBuffer(MAX_BATCH * SLOT * 4),
    input: new SharedArrayBuffer(AREA),
    output: new SharedArrayBuffer(AREA),
  };
}

export function channelOver(memory: ChannelMemory): Channel {
  return {
    control: new Int32Array(memory.control),
    slots: new Int32Array(memory.slots),
    input: new Uint8Array(memory.input),
    output: new Uint8Array(memory.output),
  };
}

/** A policy for one tenant, sent over the port before it is asked. */
export interface PolicySource {
  readonly handle: number;
  readonly module: WebAssembly.Module;
  /** JSON, UTF-8. */
  readonly data: Uint8Array;
}

/** What the leader gives a new worker. */
export interface WorkerInit {
  readonly memory: ChannelMemory;
  readonly port: MessagePort;
  /** Instances kept alive, least recently used first to go. */
  readonly maxInstances: number;
}
