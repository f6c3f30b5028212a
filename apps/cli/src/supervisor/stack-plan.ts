import { join, resolve } from 'node:path';
import { repositoryRoot } from '@summit/servers';
import { z } from 'zod';
import { wrongUsage } from '../verb.ts';

/** What `summit up` was asked for; travels to the supervisor as JSON. */
export const stackPlan = z.strictObject({
  /** Absolute: state, logs, keys and the servers' data. */
  dataDir: z.string(),
  /** Absolute: the directory of `summit.app.ts`. */
  app: z.string().optional(),
  /** Each service a process of its own, instead of one for all. */
  distributed: z.boolean(),
  /** Used where the deployment is new. */
  partitions: z.int().min(1).max(64),
  /** Wanted; another is chosen where it is in use. */
  apiPort: z.int().min(0).max(65_535),
  natsPort: z.int().min(0).max(65_535),
  /** The tenant of development. */
  tenant: z.string(),
  /** Leaves out what is derived from the journal: PostgreSQL, Neo4j, and the services that fill them. */
  only: z.enum(['core']).optional(),
  /** False: nothing is published on `summit.events.>`. Default as the api has it: published. */
  liveEvents: z.boolean().optional(),
  /** A JSON file that lists other services than the runtime's own. */
  servicesFile: z.string().optional(),
});

export type StackPlan = z.infer<typeof stackPlan>;

/** What `--only`, else `SUMMIT_ONLY`, says. Throws `WRONG_USAGE`. */
export function onlyOf(option: string | undefined): Pick<StackPlan, 'only'> {
  const text = option ?? process.env['SUMMIT_ONLY'] ?? '';
  if (text === '') return {};
  if (text === 'core') return { only: text };
  throw wrongUsage(`--only takes core, not "${text}"`);
}

/** Where a stack lives unless `--data` says otherwise. */
export function dataDirOf(option: string | undefined): string {
  return option === undefined ? join(repositoryRoot, '.summit', 'run') : resolve(option);
}
