import { type AnyEvent, type EventOf } from '@summit/events';
import { actorOf } from './agents.ts';
import { decidedBy } from './decisions.ts';
import { type Draft } from './draft.ts';
import { type RunDraft } from './run-draft.ts';

/** [C4.1] A revision of the conversation's state: by a step of the run, or by a person while the run had the thread. */
export function statePatched(run: RunDraft, event: EventOf<'StatePatched'>): void {
  if (event.step === undefined) edited(run.draft, event, run.id);
  else run.draft.edge(revision(run.draft, event, run.id), 'WAS_GENERATED_BY', run.id);
}

/** What happened to a conversation while no run had it. */
export function mapThreadEvent(draft: Draft, event: AnyEvent): void {
  switch (event.type) {
    case 'ThreadCreated': {
      const { key } = draft.commit;
      const facts = { name: 'state 0', stateVersion: 0, thread: key, ...decidedBy(draft, event.basis) };
      const id = draft.payload('State', draft.ids.state(key, 0), event.data?.state, facts);
      draft.edge(id, 'WAS_ATTRIBUTED_TO', actorOf(draft));
      return;
    }
    case 'StatePatched':
      edited(draft, event);
      return;
    default:
      return; // of a run
  }
}

/** [C3.3] A person corrected the state: an activity of theirs. */
function edited(draft: Draft, event: EventOf<'StatePatched'>, run?: string): void {
  const facts = { name: 'edit state', ...(run !== undefined && { run }), ...decidedBy(draft, event.basis) };
  const command = draft.node('Command', draft.ids.ofEvent(draft.event), { facts });
  const actor = actorOf(draft);
  draft.edge(command, 'WAS_ASSOCIATED_WITH', actor);
  const id = revision(draft, event, run);
  draft.edge(id, 'WAS_GENERATED_BY', command);
  draft.edge(id, 'WAS_ATTRIBUTED_TO', actor);
}

function revision(
  draft: Draft,
  { stateVersion, basis, data }: EventOf<'StatePatched'>,
  run: string | undefined,
): string {
  const { key } = draft.commit;
  const id = draft.payload('State', draft.ids.state(key, stateVersion), data?.patch, {
    name: `state ${String(stateVersion)}`,
    stateVersion,
    thread: key,
    ...(run !== undefined && { run }),
    ...decidedBy(draft, basis),
  });
  if (stateVersion > 1) {
    const before = draft.ids.state(key, stateVersion - 1);
    draft.edge(id, 'WAS_DERIVED_FROM', before, { facts: { type: 'Revision' } });
  }
  return id;
}
