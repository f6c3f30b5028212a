import { partitionToken } from '@summit/kernel';

/** Where something is not as it was written. What does not apply is absent. */
export interface Place {
  readonly partition?: number;
  /** Stream sequence of the group. */
  readonly sequence?: number;
  /** Line of the group, from 1: the header, then the commits. */
  readonly line?: number;
  readonly commitId?: string;
  /** Of a log. */
  readonly tenant?: string;
  /** Part of an export: `journal`, `group`, `head`, `entries`, `checkpoints`, `end`. */
  readonly section?: string;
  /** First byte of that line or part in the export, from 0. */
  readonly offset?: number;
  /** Its length in bytes. */
  readonly bytes?: number;
}

/** Something that does not hold. */
export interface Fault {
  readonly place: Place;
  /** What is wrong there, as a sentence without a full stop. */
  readonly what: string;
}

/** The place in words. */
export function placeText(place: Place): string {
  const { partition, sequence, line, commitId, tenant, section, offset, bytes } = place;
  const parts = [
    partition === undefined ? undefined : `partition ${partitionToken(partition)}`,
    tenant === undefined ? undefined : `tenant ${tenant}`,
    section === undefined || section === 'group' ? undefined : `part ${section}`,
    sequence === undefined ? undefined : `group ${String(sequence)}`,
    line === undefined ? undefined : `line ${String(line)}`,
    commitId === undefined ? undefined : `commit ${commitId}`,
    offset === undefined
      ? undefined
      : `bytes ${String(offset)} to ${String(offset + (bytes ?? 0))} of the file`,
  ];
  return parts.filter((part) => part !== undefined).join(', ');
}

export function faultText({ place, what }: Fault): string {
  return `${placeText(place)}: ${what}`;
}

/** A fault as it is thrown inside a check. */
export class Found extends Error {
  readonly fault: Fault;

  constructor(place: Place, what: string) {
    super(what);
    this.fault = { place, what };
  }
}
