/**
 * One partition's journal in PostgreSQL.
 *
 * 1. Rows and position change in one transaction, and only where the position is the expected one: of two projectors
 *    one wins, the other reads the position again. // I7
 * 2. Such a transaction need not be synced: what a crash of the server takes, it takes with the position, and the
 *    journal still has it.
 * 3. Whoever rebuilds holds {@link REBUILD_LOCK} alone; projections wait for it.
 */
import { type FollowedGroup, type JournalPosition, positionAfter, type Projection } from '@summit/journal';
import { type Kysely, sql, type Transaction } from 'kysely';
import { positionTaken } from './errors.ts';
import { type ProjectionVault, readGroups } from './read-groups.ts';
import { type Database } from './tables.ts';
import { writeBatch } from './write-batch.ts';

/** Advisory: shared by projections for a transaction, taken alone by a rebuild. */
export const REBUILD_LOCK = 0x5d317;

export interface PostgresProjectionOptions {
  readonly db: Kysely<Database>;
  readonly vault: ProjectionVault;
  readonly partition: number;
  readonly generation?: number;
  /** Whether this is a rebuild, which holds the lock already. */
  readonly rebuilds?: boolean;
}

export class PostgresProjection implements Projection {
  readonly #db: Kysely<Database>;
  readonly #vault: ProjectionVault;
  readonly #place: { readonly partition: number; readonly generation: number };
  readonly #rebuilds: boolean;
  /** Rows that were written, for figures. */
  rows = 0;

  constructor({ db, vault, partition, generation = 1, rebuilds = false }: PostgresProjectionOptions) {
    this.#db = db;
    this.#vault = vault;
    this.#place = { partition, generation };
    this.#rebuilds = rebuilds;
  }

  async position(): Promise<JournalPosition | undefined> {
    const kept = await this.#kept(this.#db).select(['sequence', 'digest', 'epoch']).executeTakeFirst();
    return kept;
  }

  async apply(groups: readonly FollowedGroup[], from: JournalPosition): Promise<void> {
    const last = groups.at(-1);
    if (!last) return;
    const { batch, at } = readGroups(groups, this.#place.partition, this.#vault);
    await this.#db.transaction().execute(async (transaction) => {
      await sql`SET LOCAL synchronous_commit = off`.execute(transaction); // 2
      if (!this.#rebuilds)
        await sql`SELECT pg_advisory_xact_lock_shared(${REBUILD_LOCK})`.execute(transaction); // 3
      await this.#move(transaction, from, positionAfter(last), at);
      await writeBatch(transaction, batch);
    });
    this.rows += batch.size;
  }

  /** Invariant 1. Also what makes two projectors wait for one another. */
  async #move(
    transaction: Transaction<Database>,
    from: JournalPosition,
    to: JournalPosition,
    at: number,
  ): Promise<void> {
    const moved = { ...to, at };
    const result =
      from.sequence === 0
        ? await transaction
            .insertInto('positions')
            .values({ ...this.#place, ...moved })
            .onConflict((conflict) => conflict.doNothing())
            .executeTakeFirst()
        : await transaction
            .updateTable('positions')
            .set(moved)
            .where('partition', '=', this.#place.partition)
            .where('generation', '=', this.#place.generation)
            .where('sequence', '=', from.sequence)
            .where('digest', '=', from.digest)
            .executeTakeFirst();
    const count =
      'numInsertedOrUpdatedRows' in result ? result.numInsertedOrUpdatedRows : result.numUpdatedRows;
    if (count !== 1n) throw positionTaken(this.#place.partition, from.sequence);
  }

  #kept(db: Kysely<Database>) {
    const { partition, generation } = this.#place;
    return db.selectFrom('positions').where('partition', '=', partition).where('generation', '=', generation);
  }
}
