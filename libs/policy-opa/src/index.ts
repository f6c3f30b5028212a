export { buildBundle, type BuildOptions } from './build.ts';
export {
  type Bundle,
  MAX_DATA_BYTES,
  openBundle,
  readFiles,
  signBundle,
  type Trust,
  withTenantData,
  writeFiles,
} from './bundle.ts';
export { releasePolicies, type ReleasePolicies } from './defaults.ts';
export { ENGINE } from './instance.ts';
export { type EvaluatorOptions } from './evaluator.ts';
export {
  DEADLINE_MS,
  evaluatorPool,
  type OpaEngineOptions,
  opaPolicyEngine,
  type OpaPolicyEngine,
} from './opa.engine.ts';
export { type EvaluatorPool } from './pool.ts';
export { type TrustedKey } from './signature.ts';
export { type Files } from './tar.ts';
