export { migrate } from './migrations/migrate.ts';
export { openPool, type PoolOptions, type ReadModelPool, SCHEMA } from './pool.ts';
export {
  PostgresProjection,
  type PostgresProjectionOptions,
  type ProjectionVault,
} from './postgres-projection.ts';
export { newPasswords, provisionReadModels, type ProvisionOptions, type ReadModelUrls } from './provision.ts';
