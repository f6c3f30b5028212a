/** The shop's own database, and the tables in it. Nothing of the runtime is in it, and the runtime never reads it. */
import pg from 'pg';

const TABLES = `
  CREATE TABLE IF NOT EXISTS orders (
    id text PRIMARY KEY, customer text NOT NULL, email text NOT NULL, item text NOT NULL, amount_cents int NOT NULL
  );
  CREATE TABLE IF NOT EXISTS refunds (
    idempotency_key text PRIMARY KEY, refund_id text NOT NULL UNIQUE, order_id text NOT NULL REFERENCES orders,
    amount_cents int NOT NULL
  );
  CREATE TABLE IF NOT EXISTS refund_calls (
    at timestamptz NOT NULL DEFAULT clock_timestamp(), idempotency_key text NOT NULL, caller int NOT NULL
  );
  CREATE TABLE IF NOT EXISTS mails (
    at timestamptz NOT NULL DEFAULT clock_timestamp(), recipient text NOT NULL, subject text NOT NULL, body text NOT NULL
  );
  INSERT INTO orders VALUES
    ('o-1001', 'Ada', 'ada@example.com', 'noise-cancelling headphones', 8900),
    ('o-1002', 'Grace', 'grace@example.com', 'desk lamp', 3200),
    ('o-1003', 'Edsger', 'edsger@example.com', 'mechanical keyboard', 15900)
  ON CONFLICT DO NOTHING;
`;

/** A pool on the shop's database; `SUMMIT_APP_POSTGRES_URL` says where. */
export function database(): pg.Pool {
  const connectionString = process.env['SUMMIT_APP_POSTGRES_URL'];
  if (connectionString === undefined) {
    throw new Error(
      'SUMMIT_APP_POSTGRES_URL is missing: start the example with ./summit up --app examples/refund',
    );
  }
  const pool = new pg.Pool({ connectionString, max: 4 });
  pool.on('error', () => undefined); // a query tells of it; an idle connection that broke concerns nobody
  return pool;
}

/** Makes what is missing; several may do so at once. */
export async function makeTables(pool: pg.Pool): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query("SELECT pg_advisory_xact_lock(hashtext('shop'))");
    await client.query(TABLES);
    await client.query('COMMIT');
  } finally {
    client.release();
  }
}
