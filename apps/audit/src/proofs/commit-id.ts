import { fromSubjectToken, hasCode, partitionToken, subjectToken } from '@summit/kernel';

/** The commit that a commit's or an event's id names. */
export interface CommitName {
  readonly tenant: string;
  readonly partition: number;
  /** The `tenantIndex`, and so the leaf. */
  readonly index: number;
}

const ID = /^(\d{2})-(.+)-(0|[1-9]\d{0,14})(?:\.(?:0|[1-9]\d{0,5}))?$/;

/** Reads `<pp>-<tenant>-<tenantIndex>[.<n>]`; undefined where the text is no such id. */
export function parseCommitId(id: string): CommitName | undefined {
  const [, partition, token, index] = ID.exec(id) ?? [];
  if (partition === undefined || token === undefined || index === undefined) return undefined;
  try {
    return { tenant: fromSubjectToken(token), partition: Number(partition), index: Number(index) };
  } catch (error) {
    if (hasCode(error, 'INVALID_ID')) return undefined;
    throw error;
  }
}

/** The other way, without an event's number. */
export function commitIdOf({ tenant, partition, index }: CommitName): string {
  return `${partitionToken(partition)}-${subjectToken(tenant)}-${String(index)}`;
}
