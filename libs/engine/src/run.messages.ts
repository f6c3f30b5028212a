import { viewOf } from '@summit/policy';
import { type FrameItem } from './frame.ts';
import { decide, type Part, type Planning, refused } from './frame.plan.ts';
import { NO_CONVERSATION } from './conversation.ts';
import { closing } from './run.end.ts';
import { runRequest } from './run.input.ts';
import { refusal } from './run.proposal.ts';

/** [C4.1] Plans a message that a run appends to its thread. Decided like a change of state; denied, it ends the run. */
export function planMessage(planning: Planning, item: Extract<FrameItem, { kind: 'message' }>): Part {
  const { run, requests, asker, reserved, scope, keys } = planning;
  const { stepKey, message } = item;
  if (keys.has(stepKey)) throw refused(run, `it appends ${stepKey} twice`);
  keys.set(stepKey, item);
  const { role, content } = message;
  const request = runRequest(run, asker, { kind: 'message', name: role, ...viewOf(content) }, reserved);
  const at = requests.push(request) - 1;
  return {
    fact: false,
    add(building) {
      const basis = decide(building, request, at);
      const error = refusal(building.answers[at], `a message of the ${role}`);
      if (error) {
        building.events.push(...closing(planning, true));
        building.events.push({ type: 'RunFailed', v: 1, basis, data: { error } });
        building.stopped = true;
        return;
      }
      const index = (scope.thread.conversation ?? NO_CONVERSATION).next + building.messages;
      building.messages += 1;
      building.events.push({ type: 'MessageAppended', v: 1, basis, index, role, data: { stepKey, message } });
    },
  };
}
