export { MemoryObjectStore, type ObjectFaults } from './memory-object-store.ts';
export { checkedObject, type ObjectStore, objectsUnreachable } from './object-store.ts';
export {
  MAX_PAYLOAD_BYTES,
  PayloadShelf,
  PayloadsToStore,
  type SlimCommit,
  SPILL_BYTES,
  SPILL_LINE_LENGTH,
} from './payload-shelf.ts';
export { type CommitReading, readCommit } from './read-commit.ts';
