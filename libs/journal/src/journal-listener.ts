import { type Digest } from '@summit/kernel';

/** What a writer tells whoever watches it; never anything that came in with a commit. */
export type JournalObservation =
  | {
      readonly type: 'stored';
      readonly sequence: number;
      readonly digest: Digest;
      readonly commits: number;
      readonly bytes: number;
      /** From the first try to the acknowledgement, milliseconds. */
      readonly ms: number;
      readonly tries: number;
    }
  /** An append was not acknowledged; the head will tell. */
  | { readonly type: 'doubt'; readonly code: string; readonly message: string; readonly tries: number }
  | { readonly type: 'head_unreadable'; readonly message: string; readonly tries: number }
  | { readonly type: 'lost'; readonly reason: string };

/** What a writer calls. None of them may throw; what is thrown loses the partition. */
export interface JournalListener {
  /**
   * Once per stored group: every commit up to `ordinal` is durable, and the ones in `ahead` too, which overtook
   * others while tenants took turns (it is empty unless a backlog was larger than a group). Whoever only
   * looks at `ordinal` is right, and slower for small tenants then. `ms`: since the group was sent first; the journal
   * was this writer's at some time since then, and nobody knows when.
   */
  onDurable(ordinal: number, ahead: readonly number[], ms: number): void;
  /** At most once; nothing follows. What was not reported durable is unknown. */
  onLost(reason: string): void;
  observe?(observation: JournalObservation): void;
}
