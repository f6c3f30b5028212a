/**
 * Questions to people that were settled. The open ones are their leaders' alone: a row may lag behind an answer, and
 * nobody is to be asked what is answered already.
 */
import { APPROVAL_STATUSES, type ApprovalStatus } from '@summit/engine';
import { sql, type Transaction } from 'kysely';
import { DEFAULT_LIMIT, endOf, type PageEnd, type PageRequest } from './page.ts';
import { type Database } from './tables.ts';

export interface ApprovalFilter extends PageRequest {
  readonly status?: ApprovalStatus | undefined;
}

/** A question, and the lines that say what was asked and answered. */
export interface ApprovalRecord {
  readonly approvalId: string;
  readonly status: ApprovalStatus;
  readonly runId: string;
  readonly about: string;
  /** Of a run's start there is none. */
  readonly step?: number;
  /** Milliseconds since the epoch, as is the other. */
  readonly requestedAt: number;
  readonly closedAt?: number;
  readonly partition: number;
  /** Commits as they are stored: which made the run, asked first, showed last, and set the terms last. */
  readonly lines: Readonly<Record<'made' | 'asked' | 'shown' | 'terms', string>>;
  readonly answers: readonly AnswerRecord[];
}

/** Which event of which commit. */
export interface AnswerRecord {
  readonly line: string;
  readonly n: number;
}

const settled = (transaction: Transaction<Database>, tenant: string) =>
  transaction
    .selectFrom('approvals')
    .where('approvals.tenant', '=', tenant)
    .where('approvals.status', '<>', 'open');

/** Ids of a page and when they were asked, newest first; one more than the limit where there are more. */
export async function listSettled(
  transaction: Transaction<Database>,
  tenant: string,
  { status, limit = DEFAULT_LIMIT, after }: ApprovalFilter,
): Promise<PageEnd[]> {
  let query = settled(transaction, tenant);
  if (status !== undefined) query = query.where('approvals.status', '=', status);
  if (after !== undefined) {
    const { at, id } = endOf(after);
    query = query.where(sql<boolean>`(approvals.requested_at, approvals.approval) < (${at}, ${id})`);
  }
  const rows = await query
    .select(['approvals.approval', 'approvals.requested_at'])
    .orderBy('approvals.requested_at', 'desc')
    .orderBy('approvals.approval', 'desc')
    .limit(limit + 1)
    .execute();
  return rows.map(({ approval: id, requested_at }) => ({ at: requested_at ?? 0, id }));
}

/** Those of the ids that are the tenant's and settled, in any order. */
export async function readSettled(
  transaction: Transaction<Database>,
  tenant: string,
  ids: readonly string[],
): Promise<ApprovalRecord[]> {
  if (ids.length === 0) return [];
  const rows = await recordRows(transaction, tenant, ids);
  const answers = await answersOf(transaction, tenant, ids);
  return rows.map((row) => recordOf(row, answers.get(row.approval) ?? []));
}

const recordRows = (transaction: Transaction<Database>, tenant: string, ids: readonly string[]) => {
  const lineOf = (commit: string) =>
    sql<string | null>`(SELECT c.line FROM summit.commits c
      WHERE c.tenant = approvals.tenant AND c.commit_id = ${sql.ref(commit)})`;
  return settled(transaction, tenant)
    .where('approvals.approval', 'in', ids)
    .leftJoin('runs', (join) =>
      join.onRef('runs.tenant', '=', 'approvals.tenant').onRef('runs.run_id', '=', 'approvals.run_id'),
    )
    .select(['approvals.approval', 'approvals.run_id', 'approvals.step', 'approvals.about', 'runs.partition'])
    .select(['approvals.status', 'approvals.requested_at', 'approvals.settled_at'])
    .select([
      lineOf('runs.created_in').as('made'),
      lineOf('approvals.requested_in').as('asked'),
      lineOf('approvals.shown_in').as('shown'),
      lineOf('approvals.terms_in').as('terms'),
    ])
    .execute();
};

type ApprovalRow = Awaited<ReturnType<typeof recordRows>>[number];

function recordOf(row: ApprovalRow, answers: readonly AnswerRecord[]): ApprovalRecord {
  const { approval, run_id, step, about, requested_at, settled_at, partition } = row;
  const { made, asked, shown, terms } = row;
  return {
    approvalId: approval,
    status: APPROVAL_STATUSES.find((status) => status === row.status) ?? 'withdrawn',
    ...{ runId: run_id ?? '', about: about ?? '', requestedAt: requested_at ?? 0, partition: partition ?? 0 },
    ...(step !== null && { step }),
    ...(settled_at !== null && { closedAt: settled_at }),
    lines: { made: made ?? '', asked: asked ?? '', shown: shown ?? '', terms: terms ?? '' },
    answers,
  };
}

/** By question, each in the order in which they were given; ids of one tenant and partition count upwards. */
async function answersOf(
  transaction: Transaction<Database>,
  tenant: string,
  ids: readonly string[],
): Promise<ReadonlyMap<string, AnswerRecord[]>> {
  const rows = await transaction
    .selectFrom('answers')
    .innerJoin('commits', (join) =>
      join
        .onRef('commits.tenant', '=', 'answers.tenant')
        .onRef('commits.commit_id', '=', 'answers.commit_id'),
    )
    .where('answers.tenant', '=', tenant)
    .where('answers.approval', 'in', ids)
    .select(['answers.approval', 'answers.n', 'commits.line'])
    .orderBy(sql`length(answers.commit_id)`)
    .orderBy('answers.commit_id')
    .orderBy('answers.n')
    .execute();
  const found = new Map<string, AnswerRecord[]>();
  for (const { approval, n, line } of rows) {
    const id = approval ?? '';
    found.set(id, [...(found.get(id) ?? []), { line: line ?? '', n }]);
  }
  return found;
}
