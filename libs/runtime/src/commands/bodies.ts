import { InvalidInputError, type Json, sha256 } from '@summit/kernel';
import { type Command, type CommandBody } from '../leader/command.ts';
import { type Fields } from './schemas.ts';

/** Whose command it is, and which. */
export type CommandKey = Pick<Command, 'tenant' | 'user' | 'commandId'>;

/**
 * What was read of each verb's fields, as the command that a leader takes. The members of a start stand in the order of
 * RFC 8785: each one's leader writes its canonical text, and so need not sort them ({@link canonicalJson}).
 */
export const commandBodies = {
  'run.start': (fields: Fields<'run.start'>, key: CommandKey): CommandBody => ({
    ...(fields.ifBusy !== undefined && { ifBusy: fields.ifBusy }),
    ...whatFor(fields),
    threadId: fields.threadId ?? threadFor(key),
    verb: 'run.start',
    version: fields.version,
    workflow: fields.workflow,
  }),
  'run.signal': ({ runId, name, payload = null }: Fields<'run.signal'>): CommandBody => ({
    verb: 'run.signal',
    runId,
    name,
    payload,
  }),
  'run.pause': ({ runId }: Fields<'run.pause'>): CommandBody => ({ verb: 'run.pause', runId }),
  'run.resume': ({ runId }: Fields<'run.resume'>): CommandBody => ({ verb: 'run.resume', runId }),
  'run.cancel': ({ runId, reason = '' }: Fields<'run.cancel'>): CommandBody => ({
    verb: 'run.cancel',
    runId,
    reason,
  }),
  'thread.create': ({ threadId, state = {} }: Fields<'thread.create'>, key: CommandKey): CommandBody => ({
    verb: 'thread.create',
    threadId: threadId ?? threadFor(key),
    state: state as Json,
  }),
  'state.patch': ({ threadId, patch, expectedVersion }: Fields<'state.patch'>): CommandBody => ({
    verb: 'state.patch',
    threadId,
    patch,
    expectedVersion,
  }),
  'approval.decide': (fields: Fields<'approval.decide'>): CommandBody => ({
    verb: 'approval.decide',
    ...fields,
  }),
} as const;

/** [C4.1] A message is an input too, so that the workflow's schema says whether it takes any. */
function whatFor({ input, message }: Fields<'run.start'>): { input: Json; message?: string } {
  if (message === undefined) return { input: input ?? null };
  if (input === undefined) return { input: { message }, message };
  throw new InvalidInputError(
    'INVALID_BODY',
    'a run is started with an input or with a message, not with both',
    'Send one of them.',
  );
}

/** A thread made for a command takes its id from the command's, so that a retry finds the same one. */
function threadFor({ tenant, user, commandId }: CommandKey): string {
  return `thr_${sha256(`${tenant}\n${user}\n${commandId}`).slice(0, 24)}`;
}
