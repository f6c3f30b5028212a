export { buildBundle, type BuildOptions, type PolicyTestResult, testPolicies } from './build.ts';
export {
  type ActivationOrder,
  activationOrderSchema,
  type BundleStore,
  memoryBundleStore,
} from './bundle-store.ts';
export {
  type Bundle,
  MAX_DATA_BYTES,
  openBundle,
  readFiles,
  signBundle,
  type Trust,
  withData,
  writeFiles,
} from './bundle.ts';
export { releasePolicies, type ReleasePolicies } from './defaults.ts';
export { followBundles, type FollowOptions } from './follow-bundles.ts';
export { ENGINE } from './instance.ts';
export { developmentKey, type SigningKey } from './development-key.ts';
export { Evaluator } from './evaluator.ts';
export { type OpaEngineOptions, opaPolicyEngine, type OpaPolicyEngine } from './opa.engine.ts';
export { BUNDLE_BUCKET, natsBundleStore } from './nats-bundle-store.ts';
export { type TrustedKey } from './signature.ts';
export { type Files } from './tar.ts';
export { readPolicies, tenantBundle, type TenantBundleOptions, tenantFiles } from './tenant-policies.ts';
