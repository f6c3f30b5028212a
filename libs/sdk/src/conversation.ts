import { type Dispatch, type FrameItem, type HistoryItem } from '@summit/engine';
import { type Message } from '@summit/events';

/** [C4.1] The conversation as one run sees it: what was said before, what it was asked, what it says. */
export class Conversation {
  readonly #dispatch: Dispatch;
  readonly #emit: (item: FrameItem) => void;
  /** Keys of messages that the history holds, if any: they are not told again. */
  readonly #recorded: ReadonlySet<string> | undefined;
  readonly #said: Message[];

  constructor(dispatch: Dispatch, emit: (item: FrameItem) => void) {
    this.#dispatch = dispatch;
    this.#emit = emit;
    this.#said = dispatch.message ? [dispatch.message] : [];
    if (dispatch.history.length > 0) this.#recorded = recorded(dispatch.history);
  }

  earlier(): readonly Message[] {
    return this.#dispatch.messages ?? [];
  }

  own(): readonly Message[] {
    return [...this.#said];
  }

  append(stepKey: string, message: Message): void {
    this.#said.push(message);
    if (!this.#recorded?.has(stepKey)) this.#emit({ kind: 'message', stepKey, message });
  }
}

function recorded(history: readonly HistoryItem[]): ReadonlySet<string> {
  return new Set(history.flatMap((item) => (item.t === 'message' ? [item.stepKey] : [])));
}
