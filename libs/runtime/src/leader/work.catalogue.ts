import { type CatalogueEvent, type ToolDefinition, type WorkflowDefinition } from '@summit/events';
import {
  definitionDigest,
  type Draft,
  type Introduction,
  planRegistration,
  tenantOf,
  unregistered,
} from '@summit/engine';
import { type Desk, task, type Work } from './desk.ts';

/** Definitions registered by one commit. */
const BATCH = 16;

/**
 * Registers what an executor announces and the tenant's catalogue does not hold yet, a batch at a time; then `next`.
 * Each definition is asked about once: what policy denies is asked about again by the next introduction.
 */
export function registerWork(
  desk: Desk,
  tenant: string,
  executor: string,
  announced: Pick<Introduction, 'tools' | 'workflows'>,
  next: () => void,
): Work {
  const { ledger } = desk;
  const asked = new Set<string>();
  const record = ({ decisions, events }: Draft<CatalogueEvent>): void => {
    ledger.commit({
      tenant,
      entity: { kind: 'catalogue', id: tenant },
      version: tenantOf(ledger.state, tenant).catalogueVersion + 1,
      key: ledger.vault.tenantKey(tenant),
      actor: { kind: 'executor', id: executor },
      causationId: `introduction:${executor}`,
      correlationId: `tenant:${tenant}`,
      trace: '',
      decisions,
      events,
    });
    const denied = events.filter(({ type }) => type === 'CommandDenied').length;
    if (denied > 0)
      desk.log.warn({ tenant, executor, denied }, 'policy did not let definitions be registered');
  };
  const isNew = (definition: ToolDefinition | WorkflowDefinition): boolean =>
    !asked.has(definitionDigest(definition));
  const work: Work = {
    entity: `catalogue:${tenant}`,
    plan() {
      const missing = unregistered(tenantOf(ledger.state, tenant), announced);
      // Tools first: a workflow is there when its tools are.
      const tools = missing.tools.filter(isNew).slice(0, BATCH);
      const workflows = missing.workflows.filter(isNew).slice(0, BATCH - tools.length);
      if (tools.length + workflows.length === 0) {
        next();
        return undefined;
      }
      return task(planRegistration(tenant, { tools, workflows }, desk.asker(executor)), (draft) => {
        record(draft);
        for (const definition of [...tools, ...workflows]) asked.add(definitionDigest(definition));
        desk.enqueue(work);
      });
    },
    refuse(error) {
      desk.log.error({ tenant, executor, err: error }, 'registration failed');
      next();
    },
  };
  return work;
}
