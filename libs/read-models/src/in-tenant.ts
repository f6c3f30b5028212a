import { type Kysely, sql, type Transaction } from 'kysely';
import { type Database } from './tables.ts';

/**
 * Reads as one tenant, in a transaction: row-level security shows its rows and nobody else's, whatever the query says,
 * and the next user of the connection starts without a tenant. // I8
 */
export function inTenant<T>(
  db: Kysely<Database>,
  tenant: string,
  work: (transaction: Transaction<Database>) => Promise<T>,
): Promise<T> {
  return db
    .transaction()
    .setAccessMode('read only')
    .execute(async (transaction) => {
      await sql`SELECT set_config('summit.tenant', ${tenant}, true)`.execute(transaction);
      return work(transaction);
    });
}
