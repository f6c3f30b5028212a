import { jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';

const STREAM = 'SUMMIT_DEAD';
const SUBJECT = 'summit.dead.';

/** Commands on the bus that could not be read; they are kept for a day. */
export class DeadLetters {
  readonly #nc: NatsConnection;

  constructor(nc: NatsConnection) {
    this.#nc = nc;
  }

  /** How many there are, by why; none where the stream can not be read now. */
  async byReason(): Promise<readonly (readonly [string, number])[]> {
    try {
      const jsm = await jetstreamManager(this.#nc, { checkAPI: false });
      const { state } = await jsm.streams.info(STREAM, { subjects_filter: `${SUBJECT}>` });
      return Object.entries(state.subjects ?? {}).map(([subject, count]) => [
        subject.slice(SUBJECT.length),
        count,
      ]);
    } catch {
      return [];
    }
  }
}
