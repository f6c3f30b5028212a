import { type CatalogueEvent } from '@summit/events';
import { type Draft, type Introduction, planRegistration, tenantOf, unregistered } from '@summit/engine';
import { type Desk, task, type Work } from './desk.ts';

/** Definitions registered by one commit. */
const BATCH = 16;

/** Registers what an executor announces and the tenant's catalogue does not hold yet; then `next`. */
export function registerWork(
  desk: Desk,
  tenant: string,
  executor: string,
  announced: Pick<Introduction, 'tools' | 'workflows'>,
  next: () => void,
): Work {
  const { ledger } = desk;
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
    if (denied < events.length) desk.enqueue(registerWork(desk, tenant, executor, announced, next));
    else next();
  };
  return {
    entity: `catalogue:${tenant}`,
    plan() {
      const missing = unregistered(tenantOf(ledger.state, tenant), announced);
      // Tools first: a workflow is there when its tools are.
      const tools = missing.tools.slice(0, BATCH);
      const workflows = missing.workflows.slice(0, BATCH - tools.length);
      if (tools.length + workflows.length === 0) {
        next();
        return undefined;
      }
      return task(planRegistration(tenant, { tools, workflows }, desk.asker(executor)), record);
    },
    refuse(error) {
      desk.log.error({ tenant, executor, err: error }, 'registration failed');
      next();
    },
  };
}
