/** What the edge asks: one tenant at a time, names and contents opened for whoever may read them. */
import { type Commit, type Message } from '@summit/events';
import { type ErrorRecord, type Json } from '@summit/kernel';
import { type ObjectStore, readCommit } from '@summit/objects';
import { type Kysely } from 'kysely';
import { type ApprovalFilter, type ApprovalRecord, listSettled, readSettled } from './approval-queries.ts';
import { inTenant } from './in-tenant.ts';
import { type Page, type PageRequest } from './page.ts';
import { openApproval, type PastApproval } from './past-approval.ts';
import { type ProjectionVault } from './read-groups.ts';
import { findRun, listRuns, type RunFilter, type RunSummary } from './run-queries.ts';
import { type Database } from './tables.ts';
import {
  findThread,
  listMessages,
  listThreads,
  type MessageRecord,
  type ThreadSummary,
} from './thread-queries.ts';

/** A run with what came of it. */
export type RunDetail = RunSummary & {
  readonly output?: Json;
  readonly error?: { readonly [K in keyof ErrorRecord]: ErrorRecord[K] };
};

/** A message as people see it. Where its key is gone it is `erased`, and only its role is left. */
export type ThreadMessage = {
  readonly index: number;
  readonly runId: string;
  readonly at: number;
  readonly causedBy: string;
  readonly role: Message['role'];
  readonly message?: Message;
  readonly erased?: true;
};

/** How far a partition's journal is in. */
export interface PartitionPosition {
  readonly partition: number;
  readonly sequence: number;
  /** Of the newest commit that is in, milliseconds since the epoch. */
  readonly at: number;
}

/** Names as people gave them, not their surrogates. */
export interface RunsWanted extends PageRequest {
  readonly status?: RunFilter['status'];
  readonly workflow?: string | undefined;
  readonly threadId?: string | undefined;
}

export interface ReadModelsOptions {
  /** Connections of the role that queries. */
  readonly db: Kysely<Database>;
  readonly vault: ProjectionVault;
  readonly objects: Pick<ObjectStore, 'get'>;
}

export class ReadModels {
  readonly #db: Kysely<Database>;
  readonly #vault: ProjectionVault;
  readonly #objects: Pick<ObjectStore, 'get'>;

  constructor({ db, vault, objects }: ReadModelsOptions) {
    this.#db = db;
    this.#vault = vault;
    this.#objects = objects;
  }

  /** A page of runs, newest first. Throws `INVALID_QUERY`. */
  runs(tenant: string, { status, workflow, threadId, ...page }: RunsWanted): Promise<Page<RunSummary>> {
    const named = {
      ...(workflow !== undefined && { workflow: this.#vault.surrogate(tenant, 'workflow', workflow) }),
      ...(threadId !== undefined && { thread: this.#thread(tenant, threadId) }),
    };
    return inTenant(this.#db, tenant, (transaction) =>
      listRuns(transaction, tenant, { ...page, ...named, status }, this.#vault),
    );
  }

  async run(tenant: string, runId: string): Promise<RunDetail | undefined> {
    const record = await inTenant(this.#db, tenant, (transaction) =>
      findRun(transaction, tenant, runId, this.#vault),
    );
    if (!record) return undefined;
    const { summary, partition, endLine } = record;
    return endLine === undefined ? summary : { ...summary, ...(await this.#endOf(partition, endLine)) };
  }

  threads(tenant: string, page: PageRequest): Promise<Page<ThreadSummary>> {
    return inTenant(this.#db, tenant, (transaction) => listThreads(transaction, tenant, page, this.#vault));
  }

  thread(tenant: string, threadId: string): Promise<ThreadSummary | undefined> {
    return inTenant(this.#db, tenant, (transaction) =>
      findThread(transaction, tenant, this.#thread(tenant, threadId), this.#vault),
    );
  }

  /** In the order in which they were said. Undefined where there is no such thread. */
  async messages(
    tenant: string,
    threadId: string,
    page: PageRequest,
  ): Promise<Page<ThreadMessage> | undefined> {
    const thread = this.#thread(tenant, threadId);
    const found = await inTenant(this.#db, tenant, async (transaction) => {
      const known = await findThread(transaction, tenant, thread, this.#vault);
      return known && (await listMessages(transaction, tenant, thread, page));
    });
    if (!found) return undefined;
    const items = await Promise.all(found.items.map((record) => this.#message(record)));
    return { ...found, items };
  }

  /**
   * [C3.2] A page of questions that were settled, newest first, without those that are `known`: it is shorter then.
   * Throws `INVALID_QUERY`.
   */
  async pastApprovals(
    tenant: string,
    filter: ApprovalFilter,
    known: (approvalId: string) => boolean = () => false,
  ): Promise<readonly PastApproval[]> {
    const records = await inTenant(this.#db, tenant, async (transaction) => {
      const listed = await listSettled(transaction, tenant, filter);
      const wanted = listed.map(({ id }) => id).filter((id) => !known(id));
      const found = new Map(
        (await readSettled(transaction, tenant, wanted)).map((record) => [record.approvalId, record]),
      );
      return wanted.flatMap((id) => found.get(id) ?? []);
    });
    return Promise.all(records.map((record) => this.#approval(record)));
  }

  /** A question that was settled. */
  async pastApproval(tenant: string, approvalId: string): Promise<PastApproval | undefined> {
    const [record] = await inTenant(this.#db, tenant, (transaction) =>
      readSettled(transaction, tenant, [approvalId]),
    );
    return record && this.#approval(record);
  }

  /** How far each partition is in. */
  positions(): Promise<readonly PartitionPosition[]> {
    return this.#db
      .selectFrom('positions')
      .select(['partition', 'sequence', 'at'])
      .orderBy('partition')
      .execute();
  }

  #thread(tenant: string, threadId: string): string {
    return this.#vault.surrogate(tenant, 'thread', threadId);
  }

  #read(partition: number, line: string): ReturnType<typeof readCommit> {
    return readCommit(line, { partition, opener: this.#vault, objects: this.#objects });
  }

  /** Each line is opened once. */
  #approval(record: ApprovalRecord): Promise<PastApproval> {
    const opened = new Map<string, Promise<Commit>>();
    return openApproval(record, (line) => {
      const known = opened.get(line);
      if (known) return known;
      const commit = this.#read(record.partition, line).then((read) => read.commit);
      opened.set(line, commit);
      return commit;
    });
  }

  async #endOf(partition: number, line: string): Promise<Pick<RunDetail, 'output' | 'error'>> {
    const { commit } = await this.#read(partition, line);
    for (const event of commit.events) {
      if (event.type === 'RunCompleted') return event.data ? { output: event.data.output } : {};
      if (event.type === 'RunFailed' && event.data) return { error: event.data.error };
    }
    return {};
  }

  async #message({ partition, line, n, ...shown }: MessageRecord): Promise<ThreadMessage> {
    const { commit } = await this.#read(partition, line);
    const event = commit.events[n];
    const message = event?.type === 'MessageAppended' ? event.data?.message : undefined;
    return message ? { ...shown, message } : { ...shown, erased: true };
  }
}
