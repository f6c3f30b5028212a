import { jetstream, type JsMsg } from '@nats-io/jetstream';
import { headers, type NatsConnection } from '@nats-io/transport-node';
import { deadSubject } from './subjects.ts';

/** Puts a message aside as it came, with where it was sent and why it could not be read. */
export async function buryMessage(nc: NatsConnection, msg: JsMsg, code: string): Promise<void> {
  const told = headers();
  told.set('Summit-Subject', msg.subject);
  told.set('Summit-Reason', code);
  told.set('Summit-Sequence', String(msg.seq));
  await jetstream(nc).publish(deadSubject(code), msg.data, {
    headers: told,
    msgID: `cmd-${String(msg.seq)}`,
  });
}
