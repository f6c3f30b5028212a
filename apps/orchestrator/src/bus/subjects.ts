import { fromSubjectToken, InvalidInputError, subjectToken } from '@summit/kernel';

/** Durable commands of clients, the stream that takes them, and the consumer that orchestrators share. */
export const COMMANDS = {
  subject: 'summit.cmd',
  stream: 'SUMMIT_COMMANDS',
  consumer: 'orchestrators',
} as const;
/** Commands that are answered to their reply subject; orchestrators share them as one queue. */
export const REQUESTS = { subject: 'summit.rpc', queue: 'orchestrators' } as const;

/** What a subject says: who sent it, by NATS permission, and what is asked. */
export interface Addressed {
  readonly tenant: string;
  readonly user: string;
  /** `<entity>.<verb>`. */
  readonly verb: string;
}

const TOKENS = 6;

/** Reads `summit.<cmd|rpc>.<tenant>.<user>.<entity>.<verb>`. Throws `SUBJECT_UNKNOWN`, `INVALID_ID`. */
export function readSubject(subject: string): Addressed {
  const [, , tenant = '', user = '', entity = '', verb = '', ...more] = subject.split('.');
  if (more.length > 0 || verb === '') {
    throw new InvalidInputError(
      'SUBJECT_UNKNOWN',
      `a command has ${String(TOKENS)} tokens in its subject`,
      'Publish on summit.cmd.<tenant>.<user>.<entity>.<verb>; ids are encoded with = for %.',
    );
  }
  return { tenant: fromSubjectToken(tenant), user: fromSubjectToken(user), verb: `${entity}.${verb}` };
}

/** Where the outcome of a command is told. */
export function replySubject({ tenant, user }: Addressed, commandId: string): string {
  return `summit.reply.${[tenant, user, commandId].map(subjectToken).join('.')}`;
}

/** Every durable command of a user. */
export function commandsOf({ tenant, user }: Pick<Addressed, 'tenant' | 'user'>): string {
  return `${COMMANDS.subject}.${subjectToken(tenant)}.${subjectToken(user)}.>`;
}

/** What could not be read, by why. */
export function deadSubject(code: string): string {
  return `summit.dead.${subjectToken(code.toLowerCase())}`;
}
