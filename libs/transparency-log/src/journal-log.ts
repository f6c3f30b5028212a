/** How the journal becomes logs: one for each tenant and partition; the leaf at an index is the commit of that `tenantIndex`. */
import { type Digest, isDigest, partitionToken, subjectToken } from '@summit/kernel';
import { logMalformed } from './errors.ts';

/** Names one log. */
export interface LogName {
  readonly tenant: string;
  readonly partition: number;
}

/** A log's origin, which is also the name of its key. `deployment` is a name like `audit.example.com/prod`. */
export function logOrigin(deployment: string, { tenant, partition }: LogName): string {
  return `${deployment}/log/${subjectToken(tenant)}/${partitionToken(partition)}`;
}

/** Origin of the signed heads of a partition's journal: no tree, so never that of a log. */
export function headOrigin(deployment: string, partition: number, generation: number): string {
  return `${deployment}/journal/${partitionToken(partition)}/${String(generation)}`;
}

/** The entry of a commit: the 32 bytes of its digest, which is SHA-256 of its line as stored. Throws `LOG_MALFORMED`. */
export function entryOf(digest: Digest): Uint8Array {
  if (!isDigest(digest)) throw logMalformed('a digest', 'it is not 64 lower-case hexadecimal digits');
  return Uint8Array.from(Buffer.from(digest, 'hex'));
}

/** The other way. */
export function digestOf(entry: Uint8Array): Digest {
  return Buffer.from(entry).toString('hex');
}
