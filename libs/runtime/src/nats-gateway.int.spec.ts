import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectNats } from '@summit/journal-nats';
import { makeId, partitionOf, partitionToken, RetryableError } from '@summit/kernel';
import { type NatsConnection } from '@nats-io/transport-node';
import { answerOf } from './leader/answers.ts';
import { type Answer } from './leader/command.ts';
import { NatsGateway } from './nats-gateway.ts';

const PARTITIONS = 64; // the test's threads rarely meet, and take no notice of each other
const lost = answerOf(new RetryableError('OUTCOME_UNKNOWN', 'the leader is lost', 'Ask again.'));

describe('a start, over NATS', () => {
  let nc: NatsConnection;
  beforeAll(async () => {
    nc = await connectNats(process.env['SUMMIT_TEST_NATS_URL'] ?? '');
  });
  afterAll(async () => {
    await nc.close();
  });

  /** Stands for a leader: is lost, or answers that the run has a status, in turn; keeps what it was asked. */
  function leader(answers: readonly string[]) {
    const threadId = randomUUID();
    const partition = partitionOf('acme', threadId, PARTITIONS);
    const runId = makeId('run', partition, 0, '0011223344556677');
    const asked: unknown[] = [];
    const subscription = nc.subscribe(`summit.partition.${partitionToken(partition)}.*`, {
      callback: (_error, msg) => {
        const status = answers[asked.push(msg.json()) - 1] ?? 'asked too often';
        msg.respond(JSON.stringify(status === 'lost' ? lost : { ok: true, value: { runId, status } }));
      },
    });
    const start = async (waitMs?: number): Promise<Answer> => {
      const body = { verb: 'run.start', threadId, workflow: 'work', input: null } as const;
      const command = { tenant: 'acme', user: 'al', roles: [], commandId: 'c1', trace: '', body, waitMs };
      const answer = await new NatsGateway(nc, PARTITIONS).submit(command);
      subscription.unsubscribe();
      return answer;
    };
    return { asked, runId, start };
  }

  it('that is waited for is one question and one answer', async () => {
    const { asked, start } = leader(['completed']);
    expect(await start(2000)).toMatchObject({ value: { status: 'completed' } });
    expect(asked).toMatchObject([{ commandId: 'c1', waitMs: 2000 }]);
  });

  it('goes on as a question about the run where its leader held it as long as it may', async () => {
    const { asked, runId, start } = leader(['running', 'running', 'completed']);
    expect(await start(30_000)).toMatchObject({ value: { status: 'completed' } });
    expect(asked).toMatchObject([{ commandId: 'c1' }, { runId }, { runId }]);
  });

  it('[C1.3] is sent again under its id when its leader is lost', async () => {
    const { asked, start } = leader(['lost', 'completed']);
    expect(await start(2000)).toMatchObject({ value: { status: 'completed' } });
    expect(asked).toMatchObject([{ commandId: 'c1' }, { commandId: 'c1' }]);
  });

  it('is answered when it is durable where nobody waits for its end', async () => {
    const { asked, start } = leader(['running']);
    expect(await start()).toMatchObject({ value: { status: 'running' } });
    expect(asked).toHaveLength(1);
  });
});
