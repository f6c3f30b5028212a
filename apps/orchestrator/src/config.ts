import { wholeNumber } from '@summit/platform';
import { z } from 'zod';

/** `{"<tenant>/<user>": ["role", …]}`. */
const busRoles = z
  .string()
  .default('{}')
  .transform((text, context) => {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      context.addIssue('not JSON');
      return z.NEVER;
    }
  })
  .pipe(z.record(z.string(), z.array(z.string())));

export const orchestratorConfig = z.object({
  SUMMIT_NATS_URL: z.string(),
  /** Keys stand under `keys/`. */
  SUMMIT_DATA: z.string(),
  /** N: fixed when the deployment was made. */
  SUMMIT_PARTITIONS: wholeNumber.default(1),
  /** With the host's name: who holds a partition's lease, after a restart too. Two on one host need two names. */
  SUMMIT_SERVICE: z.string().default('orchestrator'),
  SUMMIT_LOG: z.string().default('info'),
  /** What users of the bus are; a subject says who they are, and nothing more. */
  SUMMIT_BUS_ROLES: busRoles,
  /** The operator's own word that acknowledged commits may be lost with the machine: `yes`. */
  SUMMIT_UNSAFE_JOURNAL: z.literal('yes').optional(),
});
export type OrchestratorConfig = z.infer<typeof orchestratorConfig>;
