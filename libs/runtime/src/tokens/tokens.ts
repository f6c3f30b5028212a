/** [C2.1] Live tokens: the way from an executor to whoever watches, beside the journal and never waited for. */

/** Whose tokens they are. */
export interface TokenAddress {
  readonly tenant: string;
  readonly threadId: string;
  readonly runId: string;
}

/** A piece of a model's text while it is generated. */
export interface Token {
  readonly runId: string;
  /** Stable key of the step. */
  readonly step: string;
  readonly attempt: number;
  /** Version of the commit that permitted the attempt; with `step` it names the call. A later attempt voids this one. */
  readonly permitVersion: number;
  /** Dense per attempt, from 0. */
  readonly index: number;
  readonly delta: string;
  /** The executor's clock, milliseconds since the epoch. */
  readonly at: number;
}

/** Where executors put tokens. Never throws, never blocks; what can not be sent is lost: the outcome holds the text. */
export interface TokenSink {
  publish(address: TokenAddress, token: Token): void;
}

/** Where tokens are heard. */
export interface TokenSource {
  /**
   * Hears a run's tokens: first those that are still kept, then live ones, in order per attempt; until the given end
   * is called. Some may be missing (an index is skipped), some may come again after a lost connection.
   */
  listen(address: TokenAddress, hear: (token: Token) => void): () => void;
}
