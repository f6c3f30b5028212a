import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { locate, type NatsUser, opaComponent, repositoryRoot } from '@summit/servers';
import { z } from 'zod';
import type { StackPlan } from './stack-plan.ts';

const natsUsers = [
  'local',
  'orchestrator',
  'executor',
  'api',
  'gateway',
  'audit',
  'reader',
] as const satisfies readonly NatsUser[];

const serviceSpec = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  role: z.string(),
  /** Program and arguments; `node` is the Node that runs this. Paths are relative to the repository. */
  command: z.array(z.string()).min(1),
  env: z.record(z.string(), z.string()).default({}),
  /** As whom it speaks on the bus; not at all: `none`. */
  natsUser: z.enum([...natsUsers, 'none']).default('local'),
  /** Where it runs; default the repository. */
  cwd: z.string().optional(),
  /** It is the app's, not the runtime's. */
  companion: z.boolean().optional(),
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
  const gateway = policyGateway(plan);
  if (!plan.distributed) {
    const host = nodeService('host', 'all other services', 'apps/cli/src/host/main.ts', 'local');
    return [gateway, hears(publishes(plan, host))];
  }
  return [
    gateway,
    hears(nodeService('orchestrator', 'leads partitions', 'apps/orchestrator/src/main.ts', 'orchestrator')),
    nodeService('executor-1', 'runs workflows', 'apps/executor/src/main.ts', 'executor'),
    nodeService('executor-2', 'runs workflows', 'apps/executor/src/main.ts', 'executor'),
    publishes(plan, nodeService('api', 'edge', 'apps/api/src/main.ts', 'api')),
    ...(plan.only === 'core'
      ? []
      : [
          nodeService('audit', 'transparency logs', 'apps/audit/src/main.ts', 'audit'),
          nodeService('provenance-graph', 'PROV graph', 'apps/provenance-graph/src/main.ts', 'reader'),
        ]),
  ];
}

/** It takes commands from the bus; the laptop's developer is there what it is over HTTP. */
function hears(service: ServiceSpec): ServiceSpec {
  const roles = { 'acme/developer': ['developer', 'operator'] }; // as accounts.conf names the user
  return { ...service, env: { ...service.env, SUMMIT_BUS_ROLES: JSON.stringify(roles) } };
}

/** The edge: it publishes live events, unless the plan says that nobody listens. */
function publishes({ liveEvents }: StackPlan, service: ServiceSpec): ServiceSpec {
  return liveEvents === false ? { ...service, env: { ...service.env, SUMMIT_EVENTS: 'off' } } : service;
}

/**
 * First, so that an app's policies are ordered before a leader decides. Always a process of its own: it has its own
 * user on the bus, the only one that may order bundles, and compiling policies holds no leader up.
 */
function policyGateway({ app }: StackPlan): ServiceSpec {
  const opa = app !== undefined && existsSync(join(app, 'policies')) ? opaProgram() : undefined;
  return {
    name: 'policy-gateway',
    role: 'policy bundles',
    command: ['node', '--import', decorators, 'apps/policy-gateway/src/main.ts'],
    env: opa === undefined ? {} : { SUMMIT_OPA: opa },
    natsUser: 'gateway',
  };
}

/** OPA where it lies on this machine; nothing is downloaded. */
function opaProgram(): string | undefined {
  const { location } = locate(opaComponent);
  return 'program' in location ? location.program : undefined;
}

/** Compiles the decorators of apps when they are loaded. */
const decorators = join(repositoryRoot, 'tools', 'decorators.mjs');

/**
 * What a step leaves behind dies within milliseconds: room for it saves a quarter of the processor time. Where V8 once
 * saw objects of one place in the code live on, it makes all later ones old from the start, and these keep what they
 * point to; at hundreds of runs at once it takes every run for such.
 */
const YOUNG_GENERATION = ['--max-semi-space-size=64', '--no-allocation-site-pretenuring'];

function nodeService(
  name: string,
  role: string,
  main: string,
  natsUser: ServiceSpec['natsUser'],
): ServiceSpec {
  return {
    name,
    role,
    command: ['node', ...YOUNG_GENERATION, '--import', decorators, main],
    env: {},
    natsUser,
  };
}
