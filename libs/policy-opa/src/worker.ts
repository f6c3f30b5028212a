/**
 * The thread that evaluates policies. It waits for a batch, answers it, waits again; it never returns to its event
 * loop, and ends when it is terminated. It holds no authority: whatever it writes is read by `readAnswer`.
 */
import { readlinkSync } from 'node:fs';
import { receiveMessageOnPort, workerData } from 'node:worker_threads';
import {
  ASKED,
  channelOver,
  COUNT,
  CURRENT,
  DONE,
  LOADED,
  MARK,
  type PolicySource,
  READY,
  SLOT,
  THREAD,
  type WorkerInit,
} from './channel.ts';
import { PolicyInstance } from './instance.ts';

const { memory, port, maxInstances } = workerData as WorkerInit;
const { control, slots, input, output } = channelOver(memory);
const sources = new Map<number, PolicySource>();
const instances = new Map<number, PolicyInstance>();
let loaded = 0;

/** Takes over the policies that were sent since the last batch. */
function receiveSources(): void {
  while (loaded < Atomics.load(control, LOADED)) {
    const message = receiveMessageOnPort(port) as { message: PolicySource } | undefined;
    if (message === undefined) return;
    sources.set(message.message.handle, message.message);
    loaded++;
  }
}

function instanceOf(handle: number): PolicyInstance {
  const existing = instances.get(handle);
  if (existing) instances.delete(handle);
  const source = sources.get(handle);
  if (source === undefined) throw new Error('no such policy');
  const instance = existing ?? new PolicyInstance(source.module, source.data);
  instances.set(handle, instance); // last in the map = used last
  const oldest = instances.keys().next();
  if (instances.size > maxInstances && !oldest.done) instances.delete(oldest.value);
  return instance;
}

const encoder = new TextEncoder();
let written = 0;

/** Marks a slot; false where the answer does not fit behind the others, then the leader asks again. */
function settle(slot: number, mark: number, answer: Uint8Array): boolean {
  if (written + answer.length > output.length) return false;
  output.set(answer, written);
  slots[slot + 5] = written;
  slots[slot + 6] = answer.length;
  written += answer.length;
  Atomics.store(slots, slot + 4, mark);
  return true;
}

function answer(index: number): boolean {
  const slot = index * SLOT;
  const [handle = 0, entry = 0, start = 0, length = 0] = slots.subarray(slot, slot + 4);
  try {
    const instance = instanceOf(handle);
    if (entry < 0 || entry >= instance.entries.size) return settle(slot, MARK.noEntry, new Uint8Array());
    return settle(slot, MARK.answered, instance.evaluate(entry, input.subarray(start, start + length)));
  } catch (error) {
    instances.delete(handle); // a wasm instance is in no known state after a trap
    const text = error instanceof Error ? error.message : typeof error === 'string' ? error : 'unknown';
    return settle(slot, MARK.failed, encoder.encode(text.slice(0, 200)));
  }
}

function threadNumber(): number {
  try {
    return Number(readlinkSync('/proc/thread-self').split('/').pop()) || 0;
  } catch {
    return 0;
  }
}

Atomics.store(control, THREAD, threadNumber());
Atomics.store(control, READY, 1);
Atomics.notify(control, READY);

for (let batch = 0; ;) {
  Atomics.wait(control, ASKED, batch);
  const asked = Atomics.load(control, ASKED);
  if (asked === batch) continue;
  batch = asked;
  receiveSources();
  written = 0;
  const count = Atomics.load(control, COUNT);
  for (let i = 0; i < count; i++) {
    Atomics.store(control, CURRENT, i);
    if (!answer(i)) break;
  }
  Atomics.store(control, DONE, batch);
  Atomics.notify(control, DONE);
}
