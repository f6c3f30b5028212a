import { type Decision, type RunEvent } from '@summit/events';
import { ConflictError, type FewMap, type Json } from '@summit/kernel';
import { type PolicyAnswer, type PolicyRequest } from '@summit/policy';
import { type Frame, type FrameItem } from './frame.ts';
import { type Asker, type Draft, type PolicyQuestion, recorded, type Reserved } from './plan.ts';
import { type RunScope } from './run.proposal.ts';
import { type RunState } from './run.state.ts';

/** What the parts of a frame are planned with. */
export interface Planning {
  readonly run: RunState;
  readonly frame: Frame;
  readonly asker: Asker;
  readonly scope: RunScope;
  readonly requests: PolicyRequest[];
  readonly reserved: Reserved;
  /** The frame ends its run: nothing that it proposes will be attempted. */
  readonly ends: boolean;
  /** What this frame has proposed so far, by step key. */
  readonly keys: FewMap<FrameItem>;
  /** What this frame has reported so far, by step key, where it counts. */
  readonly reported: FewMap<FrameItem>;
}

/** What the parts of a frame add to, one after another, once policy has answered. */
export interface Building extends Draft {
  readonly decisions: Decision[];
  readonly events: RunEvent[];
  readonly answers: readonly PolicyAnswer[];
  /** The thread's state as the frame's own patches leave it. */
  state: Json;
  stateVersion: number;
  /** Messages that the frame itself has appended. */
  messages: number;
  /** The run has ended: of what follows only facts are recorded. */
  stopped: boolean;
  /** How many waiting signals of a name the frame's own steps took. */
  taken: Map<string, number> | undefined;
}

/** What one item of a frame brings. */
export interface Part {
  /** It happened, whatever else became of the frame. */
  readonly fact: boolean;
  /** Where the answers call for further questions: adds them. `asked`: how many were asked before them. */
  more?(answers: readonly PolicyAnswer[], further: PolicyRequest[], asked: number): void;
  add(building: Building): void;
}

/** Records a decision and gives the basis that it is for the events after it. // I3 */
export function decide(building: Building, request: PolicyQuestion, at: number): number | 'denial' {
  const answer = building.answers[at];
  return answer ? building.decisions.push(recorded(request, answer)) - 1 : 'denial';
}

/** The refusal of a whole frame; its coroutine is rebuilt from the history. */
export function refused(run: RunState, why: string): ConflictError {
  return new ConflictError(
    'FRAME_REFUSED',
    `a frame of ${run.runId} was refused: ${why}`,
    'The executor rebuilds the run from its history; nothing was recorded.',
  );
}
