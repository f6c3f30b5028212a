import { type Commit, type EventOf } from '@summit/events';
import { isObject, type Json } from '@summit/kernel';
import { type AnswerRecord, type ApprovalRecord } from './approval-queries.ts';

/** A person's answer. */
export type PastAnswer = {
  /** Their name; `(erased)` where its key is gone. */
  readonly by: string;
  readonly decision: string;
  readonly actionHash: string;
  readonly newHash?: string;
  readonly action?: Json;
  readonly reason?: string;
  readonly at: number;
};

/**
 * A question that was settled, as its leader showed it, with the terms that held last. Nobody answers it any more, so
 * it does not say who may not. Where its key is gone it is `erased`: name and contents are absent.
 */
export type PastApproval = {
  readonly approvalId: string;
  readonly status: string;
  readonly about: string;
  readonly name: string;
  readonly runId: string;
  readonly threadId?: string;
  readonly workflow?: string;
  readonly stepKey?: string;
  readonly actionHash: string;
  readonly shown: Json;
  readonly requesters: readonly string[];
  readonly separation: boolean;
  readonly roles: readonly string[];
  readonly quorum: number;
  readonly reasons: readonly string[];
  /** Milliseconds since the epoch, as are the others. */
  readonly requestedAt: number;
  readonly expiresAt?: number;
  readonly closedAt?: number;
  readonly answers: readonly PastAnswer[];
  readonly erased?: true;
};

const ERASED = '(erased)';

/** Opens a commit's line. */
type Read = (line: string) => Promise<Commit>;

/** Opens what a record refers to. Rejects as `read` does. */
export async function openApproval(record: ApprovalRecord, read: Read): Promise<PastApproval> {
  const { approvalId, status, runId, about, step, requestedAt, closedAt, lines } = record;
  const [made, asked, shown, terms] = await Promise.all(
    [lines.made, lines.asked, lines.shown, lines.terms].map((line) => read(line)),
  );
  const created = made && eventOf(made, 'RunCreated', () => true)?.data;
  const own = ({ approval }: { readonly approval: string }): boolean => approval === approvalId;
  const name = asked && eventOf(asked, 'ApprovalRequested', own)?.data?.name;
  const ask = askOf(shown, terms, own);
  const stepKey = isObject(ask.shown) ? ask.shown['stepKey'] : undefined;
  return {
    ...{ approvalId, status, about, name: name ?? ERASED, runId },
    ...(created && { threadId: created.threadId, workflow: created.workflow }),
    ...(step !== undefined && typeof stepKey === 'string' && { stepKey }),
    ...ask,
    ...{ requesters: [], requestedAt },
    ...(closedAt !== undefined && { closedAt }),
    answers: await Promise.all(record.answers.map((answer) => openAnswer(answer, read))),
    ...(name === undefined && { erased: true as const }),
  };
}

type Ask = Pick<
  PastApproval,
  'actionHash' | 'quorum' | 'shown' | 'roles' | 'reasons' | 'separation' | 'expiresAt'
>;
type Own = (event: { readonly approval: string }) => boolean;

/** What was shown last, under the terms that held last: of those, escalation changes who is asked and until when. */
function askOf(shown: Commit | undefined, terms: Commit | undefined, own: Own): Ask {
  const said = shown && (eventOf(shown, 'ApprovalAmended', own) ?? eventOf(shown, 'ApprovalRequested', own));
  const escalated = terms && eventOf(terms, 'ApprovalEscalated', own);
  const { expiresAt } = escalated ?? said ?? {};
  return {
    ...{ actionHash: said?.actionHash ?? '', quorum: said?.quorum ?? 1 },
    ...contentsOf(said?.data),
    ...(escalated && { roles: escalated.data?.roles ?? [] }),
    ...(expiresAt !== undefined && { expiresAt }),
  };
}

type Asked = EventOf<'ApprovalRequested' | 'ApprovalAmended'>['data'];

/** As the leader tells of what is erased: shown to nobody, by no role. */
const contentsOf = ({
  shown = null,
  reasons = [],
  roles = [],
  separation = true,
}: Partial<NonNullable<Asked>> = {}): Pick<Ask, 'shown' | 'reasons' | 'roles' | 'separation'> => ({
  shown,
  reasons,
  roles,
  separation,
});

async function openAnswer({ line, n }: AnswerRecord, read: Read): Promise<PastAnswer> {
  const { actor, at, events } = await read(line);
  const event = events[n];
  const said = event?.type === 'ApprovalDecided' ? event : undefined;
  const { reason, action } = said?.data ?? {};
  return {
    ...{ by: actor.name ?? ERASED, decision: said?.decision ?? '', actionHash: said?.actionHash ?? '' },
    ...(said?.newHash !== undefined && { newHash: said.newHash }),
    ...(action !== undefined && { action }),
    ...(reason !== undefined && { reason }),
    at,
  };
}

function eventOf<T extends Commit['events'][number]['type']>(
  { events }: Commit,
  type: T,
  own: (event: EventOf<T>) => boolean,
): EventOf<T> | undefined {
  return events.find((event): event is EventOf<T> => event.type === type && own(event as EventOf<T>));
}
