import { tokensConfig, wholeNumber } from '@summit/platform';
import { z } from 'zod';
import { type PublisherData } from './events/events-publisher.ts';
import { readModelsConfig } from './read-models/config.ts';

export const apiConfig = z.object({
  SUMMIT_NATS_URL: z.string(),
  /** Holds the key of development tokens. */
  SUMMIT_DATA: z.string(),
  SUMMIT_PARTITIONS: wholeNumber.default(1),
  SUMMIT_API_HOST: z.string().default('127.0.0.1'),
  SUMMIT_API_PORT: wholeNumber.default(4000),
  /** Whether events are published on `summit.events.>`. */
  SUMMIT_EVENTS: z.enum(['on', 'off']).default('on'),
  SUMMIT_LOG: z.string().default('info'),
  ...tokensConfig,
  ...readModelsConfig,
});
export type ApiConfig = z.infer<typeof apiConfig>;

/** A body may have this many bytes. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** What the publisher of events is given; nothing where it is switched off. */
export function publisherOf(config: ApiConfig): PublisherData | undefined {
  const { SUMMIT_EVENTS, SUMMIT_NATS_URL, SUMMIT_DATA, SUMMIT_PARTITIONS, SUMMIT_LOG } = config;
  if (SUMMIT_EVENTS === 'off') return undefined;
  return { natsUrl: SUMMIT_NATS_URL, dataDir: SUMMIT_DATA, partitions: SUMMIT_PARTITIONS, level: SUMMIT_LOG };
}
