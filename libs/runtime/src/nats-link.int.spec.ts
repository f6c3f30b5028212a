import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ExecutorMessage } from '@summit/engine';
import { connectNats } from '@summit/journal-nats';
import { type NatsConnection } from '@nats-io/transport-node';
import { NatsLink } from './nats-link.ts';

const PARTITION = 4711; // nobody else's
const SUBJECT = 'summit.partition.4711.executor';
const frame = {
  tenant: 'acme',
  runId: 'run_1',
  executor: 'e1',
  epoch: { leader: 1, assignment: 1 },
  number: 1,
  items: [{ kind: 'complete', output: null }],
};
const message = { executor: 'e1', asked: 1.5, frames: [frame] };

describe('what leaders hear on the bus', () => {
  let nc: NatsConnection;
  const heard: ExecutorMessage[] = [];
  const errors: unknown[] = [];
  let leave = (): void => undefined;
  beforeAll(async () => {
    nc = await connectNats(process.env['SUMMIT_TEST_NATS_URL'] ?? '');
    const quiet = (): void => undefined;
    const error = (fields: object): void => {
      errors.push('err' in fields ? fields.err : fields);
    };
    const link = new NatsLink(nc, { debug: quiet, info: quiet, warn: quiet, error });
    leave = link.joinLeader(PARTITION, {
      receive: (one) => {
        heard.push(one);
      },
    });
  });
  afterAll(async () => {
    leave();
    await nc.close();
  });

  it('is read against its schema: what is no message is told in the log, and the next one is heard', async () => {
    const told = [
      'no JSON',
      '5',
      '{}',
      JSON.stringify({ ...message, frames: 5 }),
      JSON.stringify({ ...message, frames: [{ ...frame, number: 'one' }] }),
      JSON.stringify({ ...message, unknown: 'left out' }),
    ];
    for (const text of told) nc.publish(SUBJECT, text);
    await nc.flush();
    expect(heard).toEqual([message]);
    expect(errors).toHaveLength(5);
    expect(errors[4]).toMatchObject({
      code: 'MESSAGE_MALFORMED',
      message: expect.stringContaining('frames.0.number'),
    });
  });

  it('keeps a frame apart whose items can not be read', async () => {
    heard.length = 0;
    const spoilt = {
      ...frame,
      items: [...frame.items, { kind: 'outcome', stepKey: 's', attempt: 1, output: 1, at: 'soon' }],
    };
    nc.publish(SUBJECT, JSON.stringify({ ...message, frames: [spoilt, frame] }));
    await nc.flush();
    expect(heard[0]?.frames).toEqual([
      { ...frame, items: [], fault: expect.stringContaining('1.at') },
      frame,
    ]);
  });
});
