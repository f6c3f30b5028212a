import { type ErrorKind, type ErrorRecord, type Json } from '@summit/kernel';
import { type Answer } from '@summit/runtime';

/** What a client is told of its command, once it is durable. */
export type BusReply =
  | { readonly commandId: string; readonly ok: true; readonly result: Json }
  | {
      readonly commandId: string;
      readonly ok: false;
      readonly error: ErrorRecord & { readonly kind: ErrorKind; readonly traceId: string };
    };

/** An answer as the bus tells it. A defect says nothing of its inside. */
export function replyOf(commandId: string, answer: Answer, traceId: string): BusReply {
  if (answer.ok) return { commandId, ok: true, result: answer.value };
  const { code, message, next, kind } = answer.error;
  if (kind !== 'defect') return { commandId, ok: false, error: { code, message, next, kind, traceId } };
  const hidden = 'something went wrong inside; the log of the orchestrator tells more';
  return { commandId, ok: false, error: { code, message: hidden, kind, traceId } };
}
