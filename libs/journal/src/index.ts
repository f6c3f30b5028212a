export { ChainCheck, GroupChain, JOURNAL_START, type JournalPosition, type TenantTail } from './chain.ts';
export { type BrokenPlace, journalBroken } from './errors.ts';
export { type FollowedGroup, followJournal, type FollowJournal, positionAfter } from './follow.ts';
export { type FollowLog, type FollowOptions } from './followed-partition.ts';
export {
  FollowedPartitions,
  type FollowPartitions,
  type RebuildProgress,
  type Refill,
} from './followed-partitions.ts';
export {
  type CommitLinks,
  decodeGroup,
  decodeHeader,
  type EncodedGroup,
  encodeGroup,
  FIRST_PREV,
  type Group,
  groupDigest,
  type GroupHeader,
  readLinks,
  type StoredCommit,
  timeOf,
} from './group.ts';
export { type JournalListener, type JournalObservation } from './journal-listener.ts';
export {
  type AppendOutcome,
  type JournalStore,
  type StoredGroup,
  type TailedGroup,
} from './journal-store.ts';
export {
  type AppendFault,
  MemoryJournal,
  MemoryJournalStore,
  type StoreFaults,
} from './memory-journal-store.ts';
export {
  expectNoneStopped,
  healthOf,
  type PartitionHealth,
  type PartitionStanding,
} from './partition-standing.ts';
export { project, type Project, type Projection, type ProjectionListener } from './project.ts';
export { catchUp, type JournalName, type RecoveredGroup, recoverJournal } from './recovery.ts';
export { type TakeOver, takeOver } from './take-over.ts';
export { LEASE_MS, type Leadership, MemoryLeases } from './leadership.ts';
export { tracedProjection } from './traced-projection.ts';
export {
  type JournalTail,
  JournalWriter,
  type JournalWriterOptions,
  MAX_COMMIT_BYTES,
  type WriterShell,
} from './writer.ts';
