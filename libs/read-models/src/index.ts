export { type ContentDigest, contentDigest } from './digest.ts';
export { readModelsAway } from './errors.ts';
export { inTenant } from './in-tenant.ts';
export { migrate } from './migrations/migrate.ts';
export {
  cursorOf,
  DEFAULT_LIMIT,
  endOf,
  MAX_LIMIT,
  type Page,
  type PageEnd,
  pageOf,
  type PageRequest,
} from './page.ts';
export { type PastApproval } from './past-approval.ts';
export { openPool, type PoolOptions, type ReadModelPool, SCHEMA } from './pool.ts';
export { PostgresProjection, type PostgresProjectionOptions } from './postgres-projection.ts';
export { newPasswords, provisionReadModels, type ProvisionOptions, type ReadModelUrls } from './provision.ts';
export { type ProjectionVault } from './read-groups.ts';
export {
  type PartitionPosition,
  ReadModels,
  type ReadModelsOptions,
  type RunDetail,
  type RunsWanted,
  type ThreadMessage,
} from './read-models.ts';
export { type Rebuilt, rebuildReadModels, type RebuildOptions } from './rebuild.ts';
export { RUN_STATUSES, type RunStatus, type RunSummary } from './run-queries.ts';
export { type ThreadSummary } from './thread-queries.ts';
