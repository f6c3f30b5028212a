import type { JournalStore } from '@summit/journal';
import type { About } from './contestant.ts';

/** How a Summit is set up that is measured. */
export interface StackKind {
  /** Each service a process of its own, instead of one for all. */
  readonly distributed: boolean;
  /** With all that is derived from the journal, as `summit up` has it; without it, the engine alone. */
  readonly whole: boolean;
}

/** A process of a stack, as it is now. */
export interface StackProcess {
  readonly name: string;
  /** Undefined while it is down. */
  readonly pid: number | undefined;
  readonly healthy: boolean;
}

/** A Summit that runs, with the workflows of `bench/app` in it. */
export interface SummitStack {
  /** Of the api: `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Where its other services listen, by name: `audit`, `provenance-graph`. */
  readonly urls: Readonly<Record<string, string>>;
  /** Of a developer who may operate. */
  readonly token: string;
  readonly about: About;
  readonly processes: () => readonly StackProcess[];
  /** Reads the journal of its one partition. */
  readonly journal: <T>(read: (store: JournalStore) => Promise<T>) => Promise<T>;
  readonly stop: () => Promise<void>;
}
