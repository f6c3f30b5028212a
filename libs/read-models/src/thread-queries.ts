/** Threads and their messages. */
import { type Message, type Opener } from '@summit/events';
import { sql, type Transaction } from 'kysely';
import { decodeNames } from './open-line.ts';
import { DEFAULT_LIMIT, endOf, type Page, pageOf, type PageRequest } from './page.ts';
import { type Database } from './tables.ts';

/** A thread of a list. Where its key is gone it is `erased`, and its name is absent. */
export type ThreadSummary = {
  readonly threadId?: string;
  readonly runs: number;
  readonly messages: number;
  /** Version of its state. */
  readonly stateVersion: number;
  readonly lastRun?: string;
  /** Milliseconds since the epoch, as is the other. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly erased?: true;
};

const threadRows = (transaction: Transaction<Database>, tenant: string) =>
  transaction
    .selectFrom('threads')
    .leftJoin('commits as made', (join) =>
      join.onRef('made.tenant', '=', 'threads.tenant').onRef('made.commit_id', '=', 'threads.created_in'),
    )
    .where('threads.tenant', '=', tenant)
    .select([
      'threads.thread',
      'threads.partition',
      'threads.last_run',
      'threads.created_at',
      'threads.updated_at',
    ])
    .select(['made.line', runsOf.as('runs'), messagesOf.as('messages'), stateVersionOf.as('state_version')]);

const ofThread = sql`SELECT run_id FROM summit.runs r WHERE r.tenant = threads.tenant AND r.thread = threads.thread`;
const runsOf = sql<number>`(SELECT count(*) FROM (${ofThread}) AS own)`;
const messagesOf = sql<number>`(SELECT count(*) FROM summit.messages m WHERE m.tenant = threads.tenant AND m.run_id IN (${ofThread}))`;
const stateVersionOf = sql<number | null>`(SELECT max(v.state_version) FROM summit.state_versions v
  WHERE v.tenant = threads.tenant AND (v.entity_id = threads.thread OR v.entity_id IN (${ofThread})))`;

type ThreadRow = Awaited<ReturnType<ReturnType<typeof threadRows>['executeTakeFirstOrThrow']>>;

/** A page of threads, newest first. */
export async function listThreads(
  transaction: Transaction<Database>,
  tenant: string,
  { limit = DEFAULT_LIMIT, after }: PageRequest,
  opener: Opener,
): Promise<Page<ThreadSummary>> {
  let query = threadRows(transaction, tenant);
  if (after !== undefined) {
    const { at, id } = endOf(after);
    query = query.where(sql<boolean>`(threads.created_at, threads.thread) < (${at}, ${id})`);
  }
  const rows = await query
    .orderBy('threads.created_at', 'desc')
    .orderBy('threads.thread', 'desc')
    .limit(limit + 1)
    .execute();
  const end = ({ created_at, thread }: ThreadRow) => ({ at: created_at ?? 0, id: thread });
  return pageOf(rows, limit, end, (row) => summaryOf(row, opener));
}

export async function findThread(
  transaction: Transaction<Database>,
  tenant: string,
  thread: string,
  opener: Opener,
): Promise<ThreadSummary | undefined> {
  const row = await threadRows(transaction, tenant).where('threads.thread', '=', thread).executeTakeFirst();
  return row && summaryOf(row, opener);
}

function summaryOf(row: ThreadRow, opener: Opener): ThreadSummary {
  const { partition, line, runs, messages, state_version, last_run, created_at, updated_at } = row;
  return {
    ...(line === null ? { erased: true } : namesOf(partition ?? 0, line, opener)),
    ...{ runs, messages, stateVersion: state_version ?? 0 },
    ...(last_run !== null && { lastRun: last_run }),
    ...{ createdAt: created_at ?? 0, updatedAt: updated_at ?? 0 },
  };
}

function namesOf(
  partition: number,
  line: string,
  opener: Opener,
): Pick<ThreadSummary, 'threadId' | 'erased'> {
  const { commit } = decodeNames(partition, line, opener);
  for (const event of commit.events) {
    if (event.type !== 'RunCreated' && event.type !== 'ThreadCreated') continue;
    if (event.data) return { threadId: event.data.threadId };
  }
  return { erased: true };
}

/** A message of a thread, where its line opens it. */
export interface MessageRecord {
  readonly index: number;
  readonly runId: string;
  readonly at: number;
  /** Id of its event. */
  readonly causedBy: string;
  readonly role: Message['role'];
  readonly partition: number;
  /** The commit that holds it, and which event of that. */
  readonly line: string;
  readonly n: number;
}

/** A page of a thread's messages, in the order in which they were said. */
export async function listMessages(
  transaction: Transaction<Database>,
  tenant: string,
  thread: string,
  { limit = DEFAULT_LIMIT, after }: PageRequest,
): Promise<Page<MessageRecord>> {
  const rows = await transaction
    .selectFrom('messages')
    .innerJoin('runs', (join) =>
      join.onRef('runs.tenant', '=', 'messages.tenant').onRef('runs.run_id', '=', 'messages.run_id'),
    )
    .innerJoin('commits', (join) =>
      join
        .onRef('commits.tenant', '=', 'messages.tenant')
        .onRef('commits.commit_id', '=', 'messages.commit_id'),
    )
    .where('messages.tenant', '=', tenant)
    .where('runs.thread', '=', thread)
    .where('messages.index', '>', after === undefined ? -1 : endOf(after).at)
    .select([
      'messages.index',
      'messages.run_id',
      'messages.at',
      'messages.role',
      'messages.n',
      'messages.caused_by',
    ])
    .select(['commits.line', 'commits.partition'])
    .orderBy('messages.index')
    .limit(limit + 1)
    .execute();
  const end = ({ index, run_id }: (typeof rows)[number]) => ({ at: index, id: run_id });
  return pageOf(rows, limit, end, (row) => ({
    ...{ index: row.index, runId: row.run_id, at: row.at ?? 0, causedBy: row.caused_by ?? '' },
    role: roleOf(row.role),
    ...{ partition: row.partition ?? 0, line: row.line ?? '', n: row.n ?? 0 },
  }));
}

const roleOf = (role: string | null): Message['role'] =>
  role === 'assistant' || role === 'tool' ? role : 'user';
