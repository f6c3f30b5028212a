import { tokensConfig, wholeNumber } from '@summit/platform';
import { z } from 'zod';

export const auditConfig = z.object({
  SUMMIT_NATS_URL: z.string(),
  /** Tiles stand under `audit/`, signed checkpoints under `checkpoints/`, the development key beside them. */
  SUMMIT_DATA: z.string(),
  SUMMIT_PARTITIONS: wholeNumber.default(1),
  SUMMIT_AUDIT_HOST: z.string().default('127.0.0.1'),
  SUMMIT_AUDIT_PORT: wholeNumber.default(4020),
  /** Names this deployment's logs: a schema-less URL of one's own, never changed. */
  SUMMIT_AUDIT_ORIGIN: z
    .string()
    .regex(/^[^\s+]+$/)
    .default('summit.local'),
  /** A private key in PEM (Ed25519); without it a development key is made. */
  SUMMIT_AUDIT_KEY: z.string().optional(),
  SUMMIT_LOG: z.string().default('info'),
  ...tokensConfig,
});
export type AuditConfig = z.infer<typeof auditConfig>;
