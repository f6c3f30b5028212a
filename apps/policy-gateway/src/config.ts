import { tokensConfig, wholeNumber } from '@summit/platform';
import { z } from 'zod';

export const policyGatewayConfig = z.object({
  SUMMIT_NATS_URL: z.string(),
  /** Holds the development keys of tokens and of bundles. */
  SUMMIT_DATA: z.string(),
  SUMMIT_POLICY_HOST: z.string().default('127.0.0.1'),
  SUMMIT_POLICY_PORT: wholeNumber.default(4010),
  /** The directory of `summit.app.ts`; its `policies/` become the bundle of {@link SUMMIT_TENANT}. */
  SUMMIT_APP: z.string().optional(),
  SUMMIT_TENANT: z.string().default('acme'),
  /** The `opa` program. Needed where the app's policies hold Rego. */
  SUMMIT_OPA: z.string().optional(),
  SUMMIT_LOG: z.string().default('info'),
  ...tokensConfig,
});
export type PolicyGatewayConfig = z.infer<typeof policyGatewayConfig>;

/** A bundle that is pushed may have this many bytes. */
export const MAX_BUNDLE_BYTES = 4 * 1024 * 1024;
