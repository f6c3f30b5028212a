import { type EventOf } from '@summit/events';
import { actorOf } from './agents.ts';
import { type RunDraft } from './run-draft.ts';

/** [C4.1] A message of the conversation: said by a person, or made by the run from what came with it. */
export function messageAppended(run: RunDraft, event: EventOf<'MessageAppended'>): void {
  const { draft, ids } = run;
  const { index, role, data } = event;
  const { key } = draft.commit;
  const facts = { name: `${role} message`, role, index, thread: key, run: run.id };
  const id = draft.payload('Message', ids.message(key, index), data?.message, facts);
  if (role === 'user') {
    draft.edge(id, 'WAS_ATTRIBUTED_TO', actorOf(draft));
    draft.edge(run.id, 'USED', id);
    return;
  }
  draft.edge(id, 'WAS_GENERATED_BY', run.id);
  for (const step of run.completed) draft.edge(id, 'WAS_DERIVED_FROM', ids.result(run.runId, step));
}
