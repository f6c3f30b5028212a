import { list } from '@summit/platform';
import { z } from 'zod';

export const executorConfig = z.object({
  SUMMIT_NATS_URL: z.string(),
  /** The directory of `summit.app.ts`; without it the executor serves nothing. */
  SUMMIT_APP: z.string().optional(),
  /** Whom it may serve: `a,b`. */
  SUMMIT_TENANTS: list.optional(),
  /** The one tenant of development, where SUMMIT_TENANTS is not given. */
  SUMMIT_TENANT: z.string().default('acme'),
  SUMMIT_LOG: z.string().default('info'),
});
export type ExecutorConfig = z.infer<typeof executorConfig>;
