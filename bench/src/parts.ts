import { coldFigures } from './figures/cold.ts';
import { decisionFigures } from './figures/decision.ts';
import { engineFigures } from './figures/engine.ts';
import { flatnessFigures } from './figures/flatness.ts';
import { resumeFigures } from './figures/resume.ts';
import { sustainedFigures } from './figures/sustained.ts';
import { tokenFigures } from './figures/tokens.ts';
import { waitingFigures } from './figures/waiting.ts';
import type { Lab } from './lab.ts';
import type { Figure } from './report.ts';

/** A part of the bench: figures that are measured together. */
export interface Part {
  /** For people, one line. */
  readonly about: string;
  readonly measure: (lab: Lab) => Promise<readonly Figure[]>;
}

/** The parts, in the order in which they are measured. */
export const parts = {
  engine: {
    about: 'what the engine does: a step in a sequence, pure steps, a long run, steps/s at 50 and 200 runs',
    measure: engineFigures,
  },
  sustained: {
    about: 'steps/s with PostgreSQL, the logs and Neo4j keeping up; how fast each is, and how far behind',
    measure: sustainedFigures,
  },
  decision: {
    about: "a decision of policy, with the release's rules and with 100 of a tenant",
    measure: decisionFigures,
  },
  resume: {
    about: 'an executor and a leader are killed: how long until the work goes on',
    measure: resumeFigures,
  },
  tokens: {
    about: 'tokens from a provider to who follows the run: how long the first takes, how many a second',
    measure: tokenFigures,
  },
  cold: {
    about: 'a run of 10,000 steps whose executor is gone: how long until it is where it was',
    measure: coldFigures,
  },
  waiting: {
    about: 'memory of a run that waits',
    measure: waitingFigures,
  },
  flatness: {
    about: 'step 100,000 of a run against its beginning; takes a minute or two',
    measure: flatnessFigures,
  },
} as const satisfies Record<string, Part>;

export type PartName = keyof typeof parts;

export const isPart = (name: string): name is PartName => Object.hasOwn(parts, name);
export const partNames: readonly PartName[] = Object.keys(parts).filter(isPart);
