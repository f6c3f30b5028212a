import { type CatalogueEvent, type ToolDefinition, type WorkflowDefinition } from '@summit/events';
import { canonicalJson, type Digest, sha256 } from '@summit/kernel';
import { entryFor, type PolicyAction } from '@summit/policy';
import { type TenantState } from './partition.ts';
import { type Asker, type Plan, recorded } from './plan.ts';
import { refusal } from './run.proposal.ts';

/** What a program announces that it can run. */
export interface Announced {
  readonly tools: readonly ToolDefinition[];
  readonly workflows: readonly WorkflowDefinition[];
}

/** The address of a definition: SHA-256 of its canonical JSON. */
export function definitionDigest(definition: ToolDefinition | WorkflowDefinition): Digest {
  return sha256(canonicalJson(definition));
}

/** Of what is announced, what the tenant's catalogue does not hold in this form. */
export function unregistered(tenant: TenantState, announced: Announced): Announced {
  return {
    tools: announced.tools.filter((tool) => !tenant.tools.has(definitionDigest(tool))),
    workflows: announced.workflows.filter((workflow) => {
      const known = tenant.workflows.get(workflow.name)?.get(workflow.version);
      return !known || definitionDigest(known) !== definitionDigest(workflow);
    }),
  };
}

interface Entry {
  readonly action: PolicyAction;
  readonly event: (basis: number) => CatalogueEvent;
}

/** Plans the registration of what is new: one decision a definition; a denied one is on record and not registered. */
export function planRegistration(tenant: string, announced: Announced, asker: Asker): Plan<CatalogueEvent> {
  const entries = [...announced.tools.map(toolEntry), ...announced.workflows.map(workflowEntry)];
  const requests = entries.map(({ action }) => ({
    tenant,
    entry: entryFor(action.kind),
    input: canonicalJson({
      v: 1,
      tenant,
      now: asker.now,
      actor: { kind: asker.actor.kind, id: asker.actor.name ?? asker.actor.id, roles: asker.roles },
      action,
    }),
  }));
  return {
    requests,
    conclude(answers) {
      const decisions = requests.flatMap((request, i) => {
        const answer = answers[i];
        return answer ? [recorded(request, answer)] : [];
      });
      const events = entries.map(({ action, event }, i): CatalogueEvent => {
        const error = refusal(answers[i], `${action.name} to be registered`);
        if (!error) return event(i);
        const data = { command: 'catalogue.register', target: action.name, error };
        return { type: 'CommandDenied', v: 1, basis: answers[i] ? i : 'denial', data };
      });
      return { decisions, events };
    },
  };
}

function toolEntry(definition: ToolDefinition): Entry {
  const digest = definitionDigest(definition);
  const { name, effect, sensitive } = definition;
  return {
    action: { kind: 'catalogue.register', what: 'tool', name, digest, effect, sensitive },
    event: (basis) => ({ type: 'ToolRegistered', v: 1, basis, tool: digest, data: definition }),
  };
}

function workflowEntry(definition: WorkflowDefinition): Entry {
  const digest = definitionDigest(definition);
  const { name, version } = definition;
  return {
    action: { kind: 'catalogue.register', what: 'workflow', name, digest, version },
    event: (basis) => ({ type: 'WorkflowRegistered', v: 1, basis, workflow: digest, data: definition }),
  };
}
