import { defineTool, TerminalError } from '@summit/sdk';
import { createTransport } from 'nodemailer';
import { z } from 'zod';
import { database } from './world/database.ts';

let orders: ReturnType<typeof database> | undefined;

/** Where a companion listens. */
function companion(name: string): string {
  const url = process.env[`SUMMIT_${name}_URL`];
  if (url !== undefined) return url;
  throw new TerminalError(
    'COMPANION_MISSING',
    `SUMMIT_${name}_URL is not set`,
    'Start the example with ./summit up --app examples/refund.',
  );
}

const order = z.object({
  orderId: z.string(),
  customer: z.string(),
  email: z.string(),
  item: z.string(),
  amountCents: z.number().int(),
});

export const lookUpOrder = defineTool({
  name: 'orders.lookup',
  description: 'Looks an order up: who bought what, and what was paid.',
  input: z.object({ orderId: z.string() }),
  output: z.object({ order: order.nullable() }),
  effect: 'pure',
  async execute({ orderId }) {
    orders ??= database();
    const { rows } = await orders.query<z.infer<typeof order>>(
      'SELECT id AS "orderId", customer, email, item, amount_cents AS "amountCents" FROM orders WHERE id = $1',
      [orderId],
    );
    return { order: rows[0] ?? null };
  },
});

export const refund = defineTool({
  name: 'payments.refund',
  description: 'Refunds an order, or a part of it.',
  input: z.object({ orderId: z.string(), amountCents: z.number().int().positive() }),
  output: z.object({ refundId: z.string(), amountCents: z.number().int() }),
  effect: 'idempotent', // the payments service honours the key
  async execute(input, { idempotencyKey, signal }) {
    const response = await fetch(`${companion('SHOP')}/refunds`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'idempotency-key': idempotencyKey,
        'x-caller': String(process.pid),
      },
      body: JSON.stringify(input),
      signal,
    });
    const answer: unknown = await response.json();
    if (response.ok) return z.object({ refundId: z.string(), amountCents: z.number() }).parse(answer);
    const { error } = z.object({ error: z.string() }).parse(answer);
    if (response.status >= 500) throw new Error(error); // tried again, under the same key
    throw new TerminalError('REFUND_REFUSED', error, 'Ask for another amount, or look the order up again.');
  },
});

export const sendMail = defineTool({
  name: 'email.send',
  description: 'Sends a mail to a customer.',
  input: z.object({ to: z.email(), subject: z.string(), text: z.string() }),
  output: z.object({ messageId: z.string() }),
  effect: 'once', // SMTP knows no keys: in doubt a person is asked, it is never sent blindly again
  async execute({ to, subject, text }) {
    const transport = createTransport({ url: companion('MAILBOX'), ignoreTLS: true });
    try {
      const sent = await transport.sendMail({ from: 'support@shop.example', to, subject, text });
      return { messageId: sent.messageId };
    } finally {
      transport.close();
    }
  },
});
