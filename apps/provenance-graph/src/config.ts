import { tokensConfig, wholeNumber } from '@summit/platform';
import { z } from 'zod';

export const provenanceGraphConfig = z.object({
  SUMMIT_NATS_URL: z.string(),
  /** Holds the keys that open commits, and the development key of tokens. */
  SUMMIT_DATA: z.string(),
  SUMMIT_PARTITIONS: wholeNumber.default(1),
  /** Whose graph this is: commits of every other tenant are passed over. */
  SUMMIT_TENANT: z.string().default('acme'),
  /** `bolt://user:password@host:port`. */
  SUMMIT_NEO4J_URL: z.string(),
  /** Neo4j Browser, for those who are told where to look. */
  SUMMIT_NEO4J_BROWSER_URL: z.string().optional(),
  SUMMIT_GRAPH_HOST: z.string().default('127.0.0.1'),
  SUMMIT_GRAPH_PORT: wholeNumber.default(4030),
  SUMMIT_LOG: z.string().default('info'),
  ...tokensConfig,
});
export type ProvenanceGraphConfig = z.infer<typeof provenanceGraphConfig>;
