/** Runs as people list and look them up. Names and results are opened from the lines that rows refer to. */
import { type Opener } from '@summit/events';
import { type ExpressionBuilder, sql, type Transaction } from 'kysely';
import { decodeNames } from './open-line.ts';
import { DEFAULT_LIMIT, endOf, type Page, pageOf, type PageRequest } from './page.ts';
import { type Database } from './tables.ts';

export const RUN_STATUSES = ['pending', 'running', 'waiting', 'completed', 'failed', 'cancelled'] as const;
export type RunStatus = (typeof RUN_STATUSES)[number];

/** A run of a list. Where its key is gone it is `erased`, and the names are absent. */
export type RunSummary = {
  readonly runId: string;
  readonly threadId?: string;
  readonly workflow?: string;
  readonly workflowVersion?: string;
  readonly status: RunStatus;
  /** Of its last commit. */
  readonly version: number;
  /** For what a waiting run waits: `resume`, `timer`, `signal`, `approval`, `unknown`. */
  readonly waitingFor?: readonly string[];
  readonly startedBy?: string;
  /** Milliseconds since the epoch, as are the others. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly endedAt?: number;
  readonly erased?: true;
};

export interface RunFilter extends PageRequest {
  readonly status?: RunStatus | undefined;
  /** Surrogate of the workflow's name. */
  readonly workflow?: string | undefined;
  /** Surrogate of the thread. */
  readonly thread?: string | undefined;
}

/** Phases of a step that will not change any more. */
const SETTLED = ['completed', 'failed', 'denied'] as const;

/** As the leader sees it: all that is open waits for somebody outside. */
const waits = (runs: ExpressionBuilder<Database, 'runs'>) =>
  runs.and([
    runs('runs.status', '=', 'running'),
    runs.or([
      runs('runs.paused', '=', true),
      runs(
        runs
          .selectFrom('steps')
          .whereRef('steps.tenant', '=', 'runs.tenant')
          .whereRef('steps.run_id', '=', 'runs.run_id')
          .where('steps.phase', 'not in', SETTLED)
          .select((steps) =>
            steps.fn.agg<boolean>('bool_and', [steps('steps.phase', 'in', ['waiting', 'unknown'])]).as('all'),
          ),
        '=',
        true,
      ),
    ]),
  ]);

const runRows = (transaction: Transaction<Database>, tenant: string) =>
  transaction
    .selectFrom('runs')
    .leftJoin('commits as made', (join) =>
      join.onRef('made.tenant', '=', 'runs.tenant').onRef('made.commit_id', '=', 'runs.created_in'),
    )
    .where('runs.tenant', '=', tenant)
    .select((runs) => [
      ...(['runs.run_id', 'runs.partition', 'runs.status', 'runs.paused', 'runs.version'] as const),
      ...(['runs.created_at', 'runs.updated_at', 'runs.ended_at', 'runs.ended_in', 'made.line'] as const),
      waits(runs).as('waits'),
      openKinds(runs).as('open'),
    ]);

/** Kinds of what is open, for `waitingFor`. */
const openKinds = (runs: ExpressionBuilder<Database, 'runs'>) =>
  runs
    .selectFrom('steps')
    .whereRef('steps.tenant', '=', 'runs.tenant')
    .whereRef('steps.run_id', '=', 'runs.run_id')
    .where('steps.phase', 'in', ['waiting', 'unknown'])
    .select(
      sql<string[] | null>`array_agg(DISTINCT CASE WHEN phase = 'unknown' THEN phase ELSE kind END)`.as(
        'open',
      ),
    );

type RunRow = Awaited<ReturnType<ReturnType<typeof runRows>['executeTakeFirstOrThrow']>>;

/** A page of runs, newest first. */
export async function listRuns(
  transaction: Transaction<Database>,
  tenant: string,
  { status, workflow, thread, limit = DEFAULT_LIMIT, after }: RunFilter,
  opener: Opener,
): Promise<Page<RunSummary>> {
  let query = runRows(transaction, tenant);
  if (workflow !== undefined) query = query.where('runs.workflow', '=', workflow);
  if (thread !== undefined) query = query.where('runs.thread', '=', thread);
  if (status !== undefined) query = query.where((runs) => hasStatus(runs, status));
  if (after !== undefined) {
    const { at, id } = endOf(after);
    query = query.where(sql<boolean>`(runs.created_at, runs.run_id) < (${at}, ${id})`);
  }
  const rows = await query
    .orderBy('runs.created_at', 'desc')
    .orderBy('runs.run_id', 'desc')
    .limit(limit + 1)
    .execute();
  const end = ({ created_at, run_id }: RunRow) => ({ at: created_at ?? 0, id: run_id });
  return pageOf(rows, limit, end, (row) => summaryOf(row, opener));
}

function hasStatus(runs: ExpressionBuilder<Database, 'runs'>, status: RunStatus) {
  if (status === 'waiting') return waits(runs);
  const same = runs('runs.status', '=', status);
  return status === 'running' ? runs.and([same, runs.not(waitsOrNot(runs))]) : same;
}

const waitsOrNot = (runs: ExpressionBuilder<Database, 'runs'>) =>
  runs.fn.coalesce(waits(runs), sql<boolean>`false`);

/** Where a run's result stands. */
export interface RunRecord {
  readonly summary: RunSummary;
  readonly partition: number;
  /** The commit that ended it, as it is stored. */
  readonly endLine?: string;
}

export async function findRun(
  transaction: Transaction<Database>,
  tenant: string,
  runId: string,
  opener: Opener,
): Promise<RunRecord | undefined> {
  const row = await runRows(transaction, tenant).where('runs.run_id', '=', runId).executeTakeFirst();
  if (!row) return undefined;
  const { partition, ended_in } = row;
  const end = await transaction
    .selectFrom('commits')
    .where('tenant', '=', tenant)
    .where('commit_id', '=', ended_in ?? '')
    .select('line')
    .executeTakeFirst();
  return {
    summary: summaryOf(row, opener),
    partition: partition ?? 0,
    ...(typeof end?.line === 'string' && { endLine: end.line }),
  };
}

function summaryOf(row: RunRow, opener: Opener): RunSummary {
  const { run_id, partition, line, version, created_at, updated_at, ended_at } = row;
  const times = { createdAt: created_at ?? 0, updatedAt: updated_at ?? 0 };
  const named = line === null ? { erased: true as const } : namesOf(partition ?? 0, line, opener);
  return {
    runId: run_id,
    ...named,
    ...statusOf(row),
    version: version ?? 0,
    ...times,
    ...(ended_at !== null && { endedAt: ended_at }),
  };
}

function statusOf({
  status,
  paused,
  waits: waiting,
  open,
}: RunRow): Pick<RunSummary, 'status' | 'waitingFor'> {
  const known = RUN_STATUSES.find((one) => one === status) ?? 'pending';
  if (known !== 'running' || !waiting) return { status: known };
  const reasons =
    paused === true ? ['resume'] : (open ?? []).map((kind) => (kind === 'sleep' ? 'timer' : kind));
  return { status: 'waiting', waitingFor: reasons };
}

function namesOf(
  partition: number,
  line: string,
  opener: Opener,
): Pick<RunSummary, 'threadId' | 'workflow' | 'workflowVersion' | 'startedBy' | 'erased'> {
  const { commit, erased } = decodeNames(partition, line, opener);
  const created = commit.events.find((event) => event.type === 'RunCreated');
  if (erased || !created?.data) return { erased: true };
  const { threadId, workflow, version } = created.data;
  const { name } = commit.actor;
  return { threadId, workflow, workflowVersion: version, ...(name !== undefined && { startedBy: name }) };
}
