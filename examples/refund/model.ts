import { type ModelProvider, type ModelRequest, scriptedModel, type ScriptedTurn } from '@summit/agents';
import { z } from 'zod';

const found = z.object({
  order: z
    .object({
      orderId: z.string(),
      customer: z.string(),
      email: z.string(),
      item: z.string(),
      amountCents: z.number(),
    })
    .nullable(),
});
const refunded = z.object({ refundId: z.string(), amountCents: z.number() });
/** Where a person changed the amount, the result stands beside what was executed. */
const changed = z.object({ result: refunded }).transform(({ result }) => result);

const money = (cents: number): string => `${(cents / 100).toFixed(2)} EUR`;

/** Plays the model, so that the example needs no key: looks the order up, refunds it, writes a mail, says so. */
export const playedModel: ModelProvider = scriptedModel(nextTurn, { name: 'played', pace: '15ms' });

function nextTurn({ messages }: ModelRequest): ScriptedTurn {
  const asked = messages.findLastIndex(({ role }) => role === 'user');
  const since = messages.slice(asked + 1);
  const answers = new Map(
    since.flatMap((message) => (message.role === 'tool' ? [[message.name, message.content] as const] : [])),
  );
  const order = found.safeParse(json(answers.get('orders.lookup'))).data?.order;
  if (!answers.has('orders.lookup')) return lookUp(messages[asked]?.content ?? '');
  if (!order) return 'I can not find that order. Would you check its number, please?';
  if (!answers.has('payments.refund')) {
    const call = { orderId: order.orderId, amountCents: order.amountCents };
    return {
      text: `I have found your order, ${order.item} for ${money(order.amountCents)}. Let me refund it.`,
      toolCalls: [{ name: 'payments.refund', arguments: call }],
    };
  }
  const done = z.union([refunded, changed]).safeParse(json(answers.get('payments.refund'))).data;
  if (!done)
    return `I am sorry, ${order.customer}: the refund was not made. ${answers.get('payments.refund') ?? ''}`;
  if (!answers.has('email.send')) return mail(order.email, order.customer, money(done.amountCents));
  return `Done, ${order.customer}. ${money(done.amountCents)} are on their way to you (${done.refundId}), and so is a mail.`;
}

function lookUp(message: string): ScriptedTurn {
  const orderId = /o-\d+/.exec(message)?.[0];
  if (orderId === undefined) return 'Which order is it about? Its number looks like o-1001.';
  return {
    text: 'Let me look that order up.',
    toolCalls: [{ name: 'orders.lookup', arguments: { orderId } }],
  };
}

const mail = (to: string, customer: string, amount: string): ScriptedTurn => ({
  toolCalls: [
    {
      name: 'email.send',
      arguments: {
        to,
        subject: 'Your refund',
        text: `Dear ${customer},\n\nwe have refunded ${amount} to you.\n\nYour shop`,
      },
    },
  ],
});

function json(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null');
  } catch {
    return undefined;
  }
}
