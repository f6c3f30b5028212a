import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type NatsUser, repositoryRoot } from '@summit/servers';
import { z } from 'zod';
import type { StackPlan } from './stack-plan.ts';

const natsUsers = [
  'local',
  'orchestrator',
  'executor',
  'api',
  'reader',
] as const satisfies readonly NatsUser[];

const serviceSpec = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  role: z.string(),
  /** Program and arguments; `node` is the Node that runs this. Paths are relative to the repository. */
  command: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()).default({}),
  /** As whom it speaks on the bus. */
  natsUser: z.enum(natsUsers).default('local'),
});

/**
 * A process of the runtime. It is configured by environment alone (`SUMMIT_*`), and is ready when it prints
 * `{"ready":true,"name":…,"url":…}` as a line of its own on stdout.
 */
export type ServiceSpec = z.infer<typeof serviceSpec>;

/** The services of a stack, in the order in which they start. */
export function servicesOf(plan: StackPlan): ServiceSpec[] {
  if (plan.servicesFile !== undefined) {
    return z.array(serviceSpec).parse(JSON.parse(readFileSync(plan.servicesFile, 'utf8')));
  }
  if (!plan.distributed) return [nodeService('host', 'all services', 'apps/cli/src/host/main.ts', 'local')];
  return [
    nodeService('orchestrator', 'leads partitions', 'apps/orchestrator/src/main.ts', 'orchestrator'),
    nodeService('executor-1', 'runs workflows', 'apps/executor/src/main.ts', 'executor'),
    nodeService('executor-2', 'runs workflows', 'apps/executor/src/main.ts', 'executor'),
    nodeService('api', 'edge', 'apps/api/src/main.ts', 'api'),
  ];
}

/** What a step leaves behind dies within milliseconds: room for it saves a quarter of the processor time. */
const YOUNG_GENERATION = '--max-semi-space-size=64';

function nodeService(
  name: string,
  role: string,
  main: string,
  natsUser: ServiceSpec['natsUser'],
): ServiceSpec {
  const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
  return { name, role, command: ['node', YOUNG_GENERATION, '--import', hook, main], env: {}, natsUser };
}
