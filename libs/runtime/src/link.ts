import { type ExecutorMessage, type LeaderMessage } from '@summit/engine';

/** The executors, as a leader reaches them. Messages may be lost when a connection is; never reordered per pair. */
export interface ExecutorLink {
  send(executor: string, message: LeaderMessage): void;
  /** To every executor that listens. */
  broadcast(message: LeaderMessage): void;
}

/** The leaders, as an executor reaches them. */
export interface LeaderLink {
  /** To whoever leads the partition now. */
  send(partition: number, message: ExecutorMessage): void;
  broadcast(message: ExecutorMessage): void;
}

/** Where what the other side sends arrives. */
export interface ExecutorInbox {
  receive(message: LeaderMessage): void;
}
export interface LeaderInbox {
  receive(message: ExecutorMessage): void;
}

/**
 * Leaders and executors in one process: messages are handed over as they are, no copy, no text. A message arrives
 * in a microtask of its own, so that nobody is called from within their own call.
 */
export class InProcessLink implements ExecutorLink {
  readonly #executors = new Map<string, ExecutorInbox>();
  readonly #leaders = new Map<number, LeaderInbox>();

  joinExecutor(id: string, inbox: ExecutorInbox): void {
    this.#executors.set(id, inbox);
  }

  leaveExecutor(id: string): void {
    this.#executors.delete(id);
  }

  joinLeader(partition: number, inbox: LeaderInbox): void {
    this.#leaders.set(partition, inbox);
  }

  send(executor: string, message: LeaderMessage): void {
    queueMicrotask(() => this.#executors.get(executor)?.receive(message));
  }

  broadcast(message: LeaderMessage): void {
    for (const id of this.#executors.keys()) this.send(id, message);
  }

  /** The way back, for executors. */
  readonly toLeaders: LeaderLink = {
    send: (partition, message) => {
      queueMicrotask(() => this.#leaders.get(partition)?.receive(message));
    },
    broadcast: (message) => {
      for (const partition of this.#leaders.keys()) this.toLeaders.send(partition, message);
    },
  };
}
