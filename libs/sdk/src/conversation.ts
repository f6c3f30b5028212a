import { type Dispatch, type FrameItem } from '@summit/engine';
import { type Message } from '@summit/events';

/** [C4.1] The conversation as one run sees it: what was said before, what it was asked, what it says. */
export class Conversation {
  readonly #dispatch: Dispatch;
  readonly #emit: (item: FrameItem) => void;
  /** Keys of messages that the history holds: they are not told again. */
  readonly #recorded = new Set<string>();
  readonly #said: Message[];

  constructor(dispatch: Dispatch, emit: (item: FrameItem) => void) {
    this.#dispatch = dispatch;
    this.#emit = emit;
    this.#said = dispatch.message ? [dispatch.message] : [];
    for (const item of dispatch.history) if (item.t === 'message') this.#recorded.add(item.stepKey);
  }

  earlier(): readonly Message[] {
    return this.#dispatch.messages ?? [];
  }

  own(): readonly Message[] {
    return [...this.#said];
  }

  append(stepKey: string, message: Message): void {
    this.#said.push(message);
    if (!this.#recorded.has(stepKey)) this.#emit({ kind: 'message', stepKey, message });
  }
}
