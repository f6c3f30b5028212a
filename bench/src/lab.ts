import type { Contestant } from './contestant.ts';
import { type PeerName, startPeer } from './peers.ts';
import type { StackKind, SummitStack } from './stack.ts';
import type { Workload } from './workload.ts';

/** What every part is measured with. */
export interface Given {
  /** Starts a Summit with the app of `bench/app`. */
  readonly start: (kind: StackKind) => Promise<SummitStack>;
  /** The settings that were asked for, of those that measure either: with the services apart, or not. */
  readonly settings: readonly { readonly distributed: boolean }[];
  readonly peers: readonly PeerName[];
  readonly rounds: number;
  readonly workload: Workload;
  readonly progress: (line: string) => void;
}

/** Owns what a measurement starts: it stops it, the last one first, when it is disposed of. */
export class Lab implements AsyncDisposable {
  readonly given: Given;
  /** Of all that took part. */
  readonly versions: Record<string, string> = {};
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(given: Given) {
    this.given = given;
  }

  /** Of what is measured in one setting: the one that was asked for, in one process where both were. */
  get distributed(): boolean {
    return this.given.settings.every(({ distributed }) => distributed);
  }

  async stack(kind: StackKind): Promise<SummitStack> {
    const stack = await this.given.start(kind);
    this.onEnd(stack.stop);
    Object.assign(this.versions, stack.about.versions);
    return stack;
  }

  async peer(name: PeerName): Promise<Contestant> {
    const peer = await startPeer(name);
    this.onEnd(peer.stop);
    Object.assign(this.versions, peer.about.versions);
    return peer;
  }

  onEnd(stop: () => Promise<void>): void {
    this.#stops.push(stop);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const stop of this.#stops.splice(0).toReversed()) await stop();
  }
}
