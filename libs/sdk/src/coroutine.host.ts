import { type FrameItem } from '@summit/engine';
import { type Instant, type Json, type JsonObject } from '@summit/kernel';

/** What a coroutine needs of its surroundings. */
export interface CoroutineHost {
  /** The executor's clock. */
  now(): Instant;
  /** Something new to tell the leader, in order. Never called for what the history holds already. */
  emit(item: FrameItem): void;
  /** The history is used up: from here on the function does what it never did before. */
  live(): void;
  /** The workflow's function ended; the last thing a coroutine says. */
  ended(end: CoroutineEnd): void;
  log(message: string, fields: JsonObject): void;
}

export type CoroutineEnd =
  | { readonly how: 'completed'; readonly output: Json }
  | { readonly how: 'failed'; readonly error: unknown }
  | {
      readonly how: 'diverged';
      readonly stepKey: string;
      readonly recorded: string;
      readonly proposed: string;
    };
