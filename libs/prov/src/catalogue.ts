import { type AnyEvent, type EventOf } from '@summit/events';
import { actorOf } from './agents.ts';
import { decisionNode } from './decisions.ts';
import { type Draft } from './draft.ts';

/** What an event of the tenant's catalogue says: who brought which plans, and which commands were refused. */
export function mapCatalogueEvent(draft: Draft, event: AnyEvent): void {
  switch (event.type) {
    case 'ToolRegistered':
      toolRegistered(draft, event);
      return;
    case 'WorkflowRegistered':
      workflowRegistered(draft, event);
      return;
    case 'CommandDenied':
      commandDenied(draft, event);
      return;
    default:
      return; // events of runs stand in commits of runs
  }
}

/** Each partition has a catalogue: the same tool comes once from each. */
function toolRegistered(draft: Draft, { tool, data }: EventOf<'ToolRegistered'>): void {
  const facts = { tool, ...(data ? { name: data.name, effect: data.effect } : { name: tool.slice(0, 8) }) };
  const id = draft.node('Tool', draft.ids.tool(tool), { facts, shared: true });
  draft.edge(id, 'WAS_ATTRIBUTED_TO', actorOf(draft), { shared: true });
}

function workflowRegistered(draft: Draft, { data }: EventOf<'WorkflowRegistered'>): void {
  if (!data) return; // its name is gone, and with it what runs point to
  const { name, version } = data;
  const workflow = draft.ids.workflow(name, version);
  const id = draft.node('Workflow', workflow, { facts: { name, version }, shared: true });
  draft.edge(id, 'WAS_ATTRIBUTED_TO', actorOf(draft), { shared: true });
}

function commandDenied(draft: Draft, { data, basis }: EventOf<'CommandDenied'>): void {
  const facts = { name: data?.command ?? 'command', denied: true, ...(data && { code: data.error.code }) };
  const id = draft.node('Command', draft.ids.ofEvent(draft.event), { facts });
  draft.edge(id, 'WAS_ASSOCIATED_WITH', actorOf(draft));
  if (typeof basis === 'number') decisionNode(draft, basis, { activity: id });
}
