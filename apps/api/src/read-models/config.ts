import { z } from 'zod';

/** The read models as an api is told of them; both URLs, or none where it serves without. */
export const readModelsConfig = {
  /** PostgreSQL, as the role that owns the read models and fills them. */
  SUMMIT_POSTGRES_URL: z.string().optional(),
  /** The same, as the role that sees one tenant at a time. */
  SUMMIT_POSTGRES_QUERY_URL: z.string().optional(),
};

/** How the two roles reach PostgreSQL. */
export interface ReadModelsData {
  readonly natsUrl: string;
  readonly partitions: number;
  readonly level: string;
  readonly projectorUrl: string;
  readonly queryUrl: string;
  /** Where spans go. */
  readonly environment: Environment;
}

type Environment = Readonly<Record<string, string | undefined>>;

interface Config {
  readonly SUMMIT_NATS_URL: string;
  readonly SUMMIT_PARTITIONS: number;
  readonly SUMMIT_LOG: string;
  readonly SUMMIT_POSTGRES_URL?: string | undefined;
  readonly SUMMIT_POSTGRES_QUERY_URL?: string | undefined;
}

/** Undefined where the stack has no PostgreSQL. */
export function readModelsOf(config: Config, environment: Environment): ReadModelsData | undefined {
  const { SUMMIT_POSTGRES_URL: projectorUrl, SUMMIT_POSTGRES_QUERY_URL: queryUrl } = config;
  if (!projectorUrl || !queryUrl) return undefined;
  const { SUMMIT_NATS_URL: natsUrl, SUMMIT_PARTITIONS: partitions, SUMMIT_LOG: level } = config;
  return { natsUrl, partitions, level, projectorUrl, queryUrl, environment: { ...environment } };
}
