import { canonicalJson, type Digest, sha256, TerminalError } from '@summit/kernel';
import { z } from 'zod';
import { type Commit, commitId, commitSchema } from './commit.ts';

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
}

/** The other way. */
export interface Opener {
  /** The plaintext, or undefined where the key was destroyed. Throws `SEAL_BROKEN` where the bytes do not match. */
  open(context: SealContext, associated: string, sealed: string): string | undefined;
}

/** A commit as stored: one JSON line (no line feed) whose last member is the sealed blob. */
export interface EncodedCommit {
  readonly id: string;
  readonly line: string;
  /** SHA-256 of the line. */
  readonly digest: Digest;
}

const SEALED = ',"sealed":"';

/**
 * Writes a commit. Clear: ids of the runtime, types, versions, times, digests. Everything else travels in one
 * sealed blob `{actor, command, decisions: [{reasons, obligations, patch}], data: [per event], inputs: [per decision]}`.
 * // I9
 */
export function encodeCommit(partition: number, commit: Commit, sealer: Sealer): EncodedCommit {
  const { tenant, key, salt, actor, decisions, events, command } = commit;
  // Copies with what is sealed overwritten by undefined, which JSON leaves out: the hot path of the leader, and
  // several times faster than taking members away.
  const clear = JSON.stringify({
    ...commit,
    command: undefined,
    actor: { kind: actor.kind, id: actor.id },
    decisions: decisions.map(({ entry, policy, verdict }) => ({ entry, policy, verdict })),
    events: events.map((event) => ({ ...event, data: undefined })),
  });
  const plaintext = JSON.stringify({
    actor: actor.name,
    command,
    decisions: decisions.map(({ reasons, obligations, patch }) => ({ reasons, obligations, patch })),
    data: events.map(({ data }) => data ?? null),
  });
  const id = commitId(partition, commit);
  const sealed = sealer.seal({ tenant, key, commitId: id, salt }, clear, withInputs(plaintext, decisions));
  const line = `${clear.slice(0, -1)}${SEALED}${sealed}"}`;
  return { id, line, digest: sha256(line) };
}

/**
 * Adds the decisions' inputs, which are JSON text already: as they are, not as strings of text in text, which would
 * cost a backslash for every quote. Reading writes their canonical text again, which is the same bytes.
 */
function withInputs(plaintext: string, decisions: Commit['decisions']): string {
  if (decisions.length === 0) return plaintext;
  const inputs = decisions.map(({ input }) => input ?? 'null').join(',');
  return `${plaintext.slice(0, -1)},"inputs":[${inputs}]}`;
}

const sealedBodySchema = z.object({
  actor: z.string().optional(),
  command: z.unknown().optional(),
  decisions: z.array(z.record(z.string(), z.unknown())),
  inputs: z.array(z.unknown()).default([]),
  data: z.array(z.unknown()),
});

const clearCommitSchema = z.object({
  tenant: z.string(),
  tenantIndex: z.int(),
  key: z.string(),
  salt: z.string(),
  actor: z.record(z.string(), z.unknown()),
  decisions: z.array(z.record(z.string(), z.unknown())),
  events: z.array(z.record(z.string(), z.unknown())),
});

/** A commit read back. `erased` where its key is gone: then `data`, names, inputs and reasons are absent. */
export interface DecodedCommit {
  readonly id: string;
  readonly commit: Commit;
  readonly erased: boolean;
}

/** Splits a stored line into the clear part (as it was sealed against) and the sealed blob. */
export function splitLine(line: string): { clear: string; sealed: string } {
  const at = line.lastIndexOf(SEALED);
  if (at < 0 || !line.endsWith('"}')) throw malformed('it has no sealed part');
  return { clear: line.slice(0, at) + '}', sealed: line.slice(at + SEALED.length, -2) };
}

/** Reads a stored line, opens it and checks its shape. Throws `COMMIT_MALFORMED`, or `SEAL_BROKEN` of the opener. */
export function decodeCommit(partition: number, line: string, opener: Opener): DecodedCommit {
  const { clear, sealed } = splitLine(line);
  const raw: unknown = JSON.parse(clear);
  const head = parse(clearCommitSchema, raw);
  const id = commitId(partition, head);
  const plaintext = opener.open(
    { tenant: head.tenant, key: head.key, commitId: id, salt: head.salt },
    clear,
    sealed,
  );
  if (plaintext === undefined) return { id, commit: parse(commitSchema, raw), erased: true };
  const body = parse(sealedBodySchema, JSON.parse(plaintext));
  const opened = {
    ...head,
    ...(raw as object),
    actor: { ...head.actor, name: body.actor },
    ...(body.command === undefined ? {} : { command: body.command }),
    decisions: head.decisions.map((decision, i) => ({
      ...decision,
      ...body.decisions[i],
      ...inputOf(body.inputs[i]),
    })),
    events: head.events.map((event, i) => ({ ...event, data: body.data[i] ?? undefined })),
  };
  return { id, commit: parse(commitSchema, opened), erased: false };
}

const inputOf = (input: unknown): { input?: string } =>
  input === undefined || input === null ? {} : { input: canonicalJson(input) };

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
