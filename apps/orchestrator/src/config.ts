import { wholeNumber } from '@summit/platform';
import { z } from 'zod';

export const orchestratorConfig = z.object({
  SUMMIT_NATS_URL: z.string(),
  /** Keys stand under `keys/`. */
  SUMMIT_DATA: z.string(),
  /** N: fixed when the deployment was made. */
  SUMMIT_PARTITIONS: wholeNumber.default(1),
  SUMMIT_LOG: z.string().default('info'),
  /** The operator's own word that acknowledged commits may be lost with the machine: `yes`. */
  SUMMIT_UNSAFE_JOURNAL: z.literal('yes').optional(),
});
export type OrchestratorConfig = z.infer<typeof orchestratorConfig>;
