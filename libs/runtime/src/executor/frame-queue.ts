import { type Frame, type FrameItem, type RunEpoch } from '@summit/engine';

/** Whose frames they are. */
export interface FrameSource {
  readonly tenant: string;
  readonly runId: string;
  readonly executor: string;
}

interface Unconfirmed {
  readonly frame: Frame;
  sentAt: number;
}

const NONE: readonly Frame[] = [];

/** What a coroutine has to say, in order: numbered frames, each kept until the leader has confirmed it. */
export class FrameQueue {
  readonly #source: FrameSource;
  #items: FrameItem[] = [];
  #unconfirmed: Unconfirmed[] = [];
  #number = 0;

  constructor(source: FrameSource) {
    this.#source = source;
  }

  push(item: FrameItem): void {
    this.#items.push(item);
  }

  /** The next frame, where there is something to say. */
  take(epoch: RunEpoch, now: number): Frame | undefined {
    if (this.#items.length === 0) return undefined;
    const items = this.#items;
    this.#items = [];
    const { tenant, runId, executor } = this.#source;
    const frame: Frame = { tenant, runId, executor, epoch, number: ++this.#number, items };
    this.#unconfirmed.push({ frame, sentAt: now });
    return frame;
  }

  /** Where a frame was sent before an instant and is still not confirmed: all of them, to be sent again in order. */
  takeOverdue(before: number, now: number): readonly Frame[] {
    const oldest = this.#unconfirmed[0]; // they are sent in order, and again all together
    if (!oldest || oldest.sentAt >= before) return NONE;
    for (const entry of this.#unconfirmed) entry.sentAt = now;
    return this.#unconfirmed.map(({ frame }) => frame);
  }

  /** Everything up to a frame's number is recorded. */
  confirm(number: number): void {
    while (this.#unconfirmed[0] && this.#unconfirmed[0].frame.number <= number) this.#unconfirmed.shift();
  }

  /** Under a new epoch what was not confirmed is due again; whether there is any. */
  renew(epoch: RunEpoch): boolean {
    this.#unconfirmed = this.#unconfirmed.map(({ frame }) => ({
      frame: { ...frame, epoch },
      sentAt: Number.NEGATIVE_INFINITY,
    }));
    return this.#unconfirmed.length > 0;
  }

  /** Forgets everything; what was said and not confirmed. */
  drain(): readonly FrameItem[] {
    const items = [...this.#unconfirmed.flatMap(({ frame }) => frame.items), ...this.#items];
    this.#unconfirmed = [];
    this.#items = [];
    return items;
  }
}
