/**
 * The payments service of the example: HTTP, with a table of its own, and as slow as payments are. It honours
 * idempotency keys: the same key is one refund, however often it is sent.
 *
 *   POST /refunds {orderId, amountCents}, headers idempotency-key and x-caller (process id) → {refundId, amountCents}
 *   GET /books → {refunds, calls, mails}: what really happened
 */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { database, makeTables } from './database.ts';
import { onStop, port, sayReady } from './ready.ts';

/** Between booking a refund and saying so, milliseconds: time enough for the caller to die. */
const SLOW_MS = 1500;

const request = z.object({ orderId: z.string(), amountCents: z.number().int().positive() });
const stored = z.object({ refund_id: z.string(), amount_cents: z.number() });

const pool = database();
await makeTables(pool);

class Refused extends Error {}

async function refund(key: string, caller: number, body: unknown): Promise<object> {
  const { orderId, amountCents } = request.parse(body);
  await pool.query('INSERT INTO refund_calls (idempotency_key, caller) VALUES ($1, $2)', [key, caller]);
  const order = await pool.query('SELECT 1 FROM orders WHERE id = $1 AND amount_cents >= $2', [
    orderId,
    amountCents,
  ]);
  if (order.rowCount === 0)
    throw new Refused(`there is no order ${orderId} of at least ${String(amountCents)}`);
  await pool.query('INSERT INTO refunds VALUES ($1, $2, $3, $4) ON CONFLICT (idempotency_key) DO NOTHING', [
    key,
    `re_${randomBytes(6).toString('hex')}`,
    orderId,
    amountCents,
  ]);
  await delay(SLOW_MS);
  const { rows } = await pool.query(
    'SELECT refund_id, amount_cents FROM refunds WHERE idempotency_key = $1',
    [key],
  );
  const { refund_id, amount_cents } = stored.parse(rows[0]);
  return { refundId: refund_id, amountCents: amount_cents };
}

/** The shop's books: refunds that were made, calls that asked for one, mails that customers have. */
async function books(): Promise<object> {
  const [refunds, calls, mails] = await Promise.all([
    pool.query(
      'SELECT refund_id AS "refundId", order_id AS "orderId", amount_cents AS "amountCents" FROM refunds',
    ),
    pool.query(
      'SELECT (extract(epoch FROM at) * 1000)::float8 AS at, caller FROM refund_calls ORDER BY refund_calls.at',
    ),
    pool.query('SELECT recipient, subject, body FROM mails ORDER BY at'),
  ]);
  return { refunds: refunds.rows, calls: calls.rows, mails: mails.rows };
}

async function answer(incoming: IncomingMessage): Promise<object> {
  if (incoming.method === 'GET' && incoming.url === '/books') return books();
  if (incoming.method !== 'POST' || incoming.url !== '/refunds')
    throw new Refused('there are POST /refunds and GET /books');
  const key = incoming.headers['idempotency-key'];
  if (typeof key !== 'string') throw new Refused('an idempotency-key is missing');
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(Buffer.from(chunk as Uint8Array));
  return refund(
    key,
    Number(incoming.headers['x-caller'] ?? 0),
    JSON.parse(Buffer.concat(chunks).toString('utf8')),
  );
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

const server = createServer((incoming, response) => {
  answer(incoming).then(
    (body) => {
      send(response, 200, body);
    },
    (error: unknown) => {
      const refused = error instanceof Refused || error instanceof z.ZodError || error instanceof SyntaxError;
      send(response, refused ? 400 : 500, { error: error instanceof Error ? error.message : 'unknown' });
    },
  );
});
server.listen(port, '127.0.0.1', () => {
  const address = server.address();
  const at = typeof address === 'object' && address ? address.port : port;
  sayReady('shop', `http://127.0.0.1:${String(at)}`);
});
onStop(async () => {
  server.closeAllConnections();
  server.close();
  await pool.end();
});
