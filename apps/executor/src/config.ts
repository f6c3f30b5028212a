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
  /** The model named `default`, where the app names none: an endpoint that speaks OpenAI's chat completions. */
  SUMMIT_MODEL_URL: z.string().optional(),
  SUMMIT_MODEL_NAME: z.string().optional(),
  /** Name of the variable that holds the endpoint's key. */
  SUMMIT_MODEL_KEY_ENV: z.string().optional(),
  SUMMIT_LOG: z.string().default('info'),
});
export type ExecutorConfig = z.infer<typeof executorConfig>;
