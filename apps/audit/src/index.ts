export { auditConfig, type AuditConfig } from './config.ts';
export { openCheckpoint } from './keys/open-checkpoint.ts';
export { auditStores } from './logs/audit-logs.ts';
export { PartitionLogs } from './logs/partition-logs.ts';
export { commitIdOf, parseCommitId } from './proofs/commit-id.ts';
export { logKey, serveAudit } from './serve.ts';
export { type CheckpointStore } from './store/checkpoint-store.ts';
export { type TileStore } from './store/tile-store.ts';
