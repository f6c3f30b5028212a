import type { Round, Workload } from './workload.ts';

/** What stands beside a figure so that it can be judged. */
export interface About {
  readonly versions: Readonly<Record<string, string>>;
  /** How it is set up: processes, replicas. */
  readonly setting: string;
  /** What an acknowledged step survives. */
  readonly durability: string;
}

/** One that takes part in a run of the bench; it keeps running, and rests, while the others are measured. */
export interface Contestant {
  readonly name: string;
  readonly about: About;
  readonly measure: (workload: Workload) => Promise<Round>;
  readonly stop: () => Promise<void>;
}
