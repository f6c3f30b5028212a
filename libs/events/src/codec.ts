import { type Digest, type Json, sha256, TerminalError } from '@summit/kernel';
import { z } from 'zod';
import { type AnyEvent } from './catalogue.ts';
import { type Commit, commitId, commitSchema, type PayloadReference } from './commit.ts';
import { clearText, sealedText } from './commit-text.ts';
import { wholeEvent } from './named-event.ts';
import { wholeInput } from './named-input.ts';
import { type StoredEvent, upcast } from './upcast.ts';

/** What a sealed blob is bound to. */
export interface SealContext {
  readonly tenant: string;
  /** Id of the key (a thread's or the tenant's) that the commit's own key derives from. */
  readonly key: string;
  readonly commitId: string;
  /** Hexadecimal. */
  readonly salt: string;
}

/** Seals one blob a commit: authenticated, key-committing, bound to the clear part. Implemented by `@summit/vault`. */
export interface Sealer {
  /** Base64 of the sealed plaintext; `associated` is the clear part as stored. */
  seal(context: SealContext, associated: string, plaintext: string): string;
  /** The line that {@link withSealed} makes of `clear` and its sealed plaintext, in UTF-8: written once, as bytes. */
  sealLine(context: SealContext, clear: string, plaintext: string): Uint8Array;
}

/** The other way. */
export interface Opener {
  /** The plaintext, or undefined where the key was destroyed. Throws `SEAL_BROKEN` where the bytes do not match. */
  open(context: SealContext, associated: string, sealed: string): string | undefined;
}

/** A commit as stored: one JSON line (no line feed) whose last member is the sealed blob. */
export interface EncodedCommit {
  readonly id: string;
  /** In UTF-8. */
  readonly line: Uint8Array;
  /** SHA-256 of the line. */
  readonly digest: Digest;
}

/** What stands between the clear part, without its closing brace, and the sealed blob. */
export const SEALED = ',"sealed":"';
/** What stands behind the blob. */
export const SEALED_END = '"}';

/** A commit's line: its clear part with the sealed blob as one more member, the last. */
export function withSealed(clear: string, sealed: string): string {
  return `${clear.slice(0, -1)}${SEALED}${sealed}${SEALED_END}`;
}

const decoder = new TextDecoder();

/** The text of a commit that was encoded, as whoever reads the journal has it. */
export function lineText({ line }: Pick<EncodedCommit, 'line'>): string {
  return decoder.decode(line);
}

/** Events of a run that nothing happened to. */
const COMMON: ReadonlySet<AnyEvent['type']> = new Set([
  'RunCreated',
  'RunAssigned',
  'StepProposed',
  'PermitGranted',
  'StepCompleted',
  'PureComputed',
  'Delivered',
  'MessageAppended',
  'StatePatched',
  'RunCompleted',
]);

/**
 * Writes a commit: in clear what `clearText` says, the rest in one sealed blob. // I9
 *
 * Throws `COMMIT_INVALID` where nobody could read it again: recovery reads every commit, so that one such would end its
 * partition. Events of a run's common course are made of what the sdk or a schema has checked already, and are not looked
 * through once more: that would cost a step as much as the rest of its commit.
 */
export function encodeCommit(
  partition: number,
  commit: Commit,
  sealer: Sealer,
  objects?: readonly PayloadReference[],
): EncodedCommit {
  const { tenant, key, salt } = commit;
  if (!objects && commit.events.some(({ type }) => !COMMON.has(type))) checkReadable(commit);
  const clear = clearText(commit);
  const id = commitId(partition, commit);
  const line = sealer.sealLine({ tenant, key, commitId: id, salt }, clear, sealedText(commit, objects));
  return { id, line, digest: sha256(line) };
}

const referenceSchema = z.object({
  event: z.int().nonnegative(),
  member: z.string(),
  digest: z.string(),
  salt: z.string(),
  bytes: z.int(),
});

const sealedBodySchema = z.object({
  actor: z.string().optional(),
  command: z.unknown().optional(),
  decisions: z.array(z.record(z.string(), z.unknown())),
  inputs: z.array(z.unknown()).default([]),
  data: z.array(z.unknown()),
  objects: z.array(referenceSchema).min(1).optional(),
});

const clearCommitSchema = z.object({
  tenant: z.string(),
  tenantIndex: z.int(),
  key: z.string(),
  salt: z.string(),
  entity: z.unknown(),
  actor: z.record(z.string(), z.unknown()),
  decisions: z.array(z.record(z.string(), z.unknown())),
  events: z.array(z.record(z.string(), z.unknown())),
});

/** A commit read back. `erased` where its key is gone: then `data`, names, inputs and reasons are absent. */
export interface DecodedCommit {
  readonly id: string;
  readonly commit: Commit;
  readonly erased: boolean;
  /** What of it stands in the object store. The data of an event is absent while a payload of it was not given. */
  readonly references?: readonly PayloadReference[];
}

/** Splits a stored line into the clear part (as it was sealed against) and the sealed blob. */
export function splitLine(line: string): { clear: string; sealed: string } {
  const at = line.lastIndexOf(SEALED);
  if (at < 0 || !line.endsWith(SEALED_END)) throw malformed('it has no sealed part');
  return { clear: line.slice(0, at) + '}', sealed: line.slice(at + SEALED.length, -SEALED_END.length) };
}

/**
 * Reads a stored line, opens it and checks its shape. Throws `COMMIT_MALFORMED`, or `SEAL_BROKEN` of the opener.
 * `payloads`: opened objects by digest; `readCommit` of `@summit/objects` fetches them.
 */
export function decodeCommit(
  partition: number,
  line: string,
  opener: Opener,
  payloads?: ReadonlyMap<Digest, Json>,
): DecodedCommit {
  const { clear, sealed } = splitLine(line);
  const raw: unknown = JSON.parse(clear);
  const stored = parse(clearCommitSchema, raw);
  const head = {
    ...stored,
    events: stored.events.map((event) => wholeEvent(event, stored.actor, stored.events)),
  };
  const id = commitId(partition, head);
  const plaintext = opener.open(
    { tenant: head.tenant, key: head.key, commitId: id, salt: head.salt },
    clear,
    sealed,
  );
  if (plaintext === undefined) {
    const events = head.events.map((event) => upcast(event));
    return { id, commit: parse(commitSchema, { ...(raw as object), events }), erased: true };
  }
  const body = parse(sealedBodySchema, JSON.parse(plaintext));
  const actor = { ...head.actor, name: body.actor };
  const events = head.events.map((event, i): StoredEvent => ({ ...event, data: dataOf(body, i, payloads) }));
  const naming = { ...head, actor, events };
  const opened = {
    ...head,
    ...(raw as object),
    actor,
    ...(body.command === undefined ? {} : { command: body.command }),
    decisions: head.decisions.map((decision, i) => ({
      ...decision,
      ...body.decisions[i],
      input: wholeInput(body.inputs[i], i, naming),
    })),
    events: events.map((event) => upcast(event)),
  };
  const { objects } = body;
  return { id, commit: parse(commitSchema, opened), erased: false, ...(objects && { references: objects }) };
}

/** An event's data, with its payloads from the object store at their places; absent where one of them is. */
function dataOf(
  { data, objects }: z.infer<typeof sealedBodySchema>,
  n: number,
  payloads: ReadonlyMap<Digest, Json> | undefined,
): unknown {
  const own = data[n] ?? undefined;
  const taken = objects?.filter(({ event }) => event === n);
  if (!taken || taken.length === 0) return own;
  const back = taken.map(({ member, digest }): [string, Json | undefined] => [member, payloads?.get(digest)]);
  if (back.some(([, value]) => value === undefined)) return undefined;
  return { ...(own as object), ...Object.fromEntries(back) };
}

function checkReadable(commit: Commit): void {
  const { error } = commitSchema.safeParse(commit);
  if (!error) return;
  throw new TerminalError(
    'COMMIT_INVALID',
    `what was decided can not be recorded: ${z.prettifyError(error)}`,
    'Nothing was recorded. Report it: what came in should have been refused before.',
  );
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw malformed(z.prettifyError(result.error));
}

const malformed = (why: string): TerminalError =>
  new TerminalError(
    'COMMIT_MALFORMED',
    `a stored commit can not be read: ${why}`,
    'Run summit verify --journal.',
  );
