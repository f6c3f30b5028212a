import { type Migration, Migrator } from 'kysely/migration';
import { type ReadModelPool, SCHEMA } from '../pool.ts';
import { up as readModels } from './0001-read-models.ts';
import { up as approvalTerms } from './0002-approval-terms.ts';

/** By name, in order; what was released is never changed. One that changes what is projected empties the tables too. */
const migrations: Readonly<Record<string, Migration>> = {
  '0001-read-models': { up: readModels },
  '0002-approval-terms': { up: approvalTerms },
};

/** Brings the schema up to date; of several at once one does it. Rejects with what the server says. */
export async function migrate({ db }: ReadModelPool): Promise<void> {
  const migrator = new Migrator({
    db: db.withoutPlugins(),
    provider: { getMigrations: () => Promise.resolve({ ...migrations }) },
    migrationTableSchema: SCHEMA,
  });
  const { error } = await migrator.migrateToLatest();
  if (error instanceof Error) throw error;
  if (error !== undefined) throw new Error('the migration failed', { cause: error });
}
