/** What a client of the bus sees, with nothing but a bare NATS connection. */
import 'reflect-metadata';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { type NatsConnection } from '@nats-io/transport-node';
import { waitFor } from '@summit/servers';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { alice, Bus, odd } from './bus.fixture.ts';

const deadline = { deadlineMs: 30_000, everyMs: 20 };
const bus = new Bus();
let nc: NatsConnection;
/** Replies that alice heard, by command id. */
const heard = new Map<string, unknown[]>();

beforeAll(async () => {
  await bus.start();
  nc = await bus.as(alice);
  nc.subscribe('summit.reply.acme.alice.>', {
    callback: (_error, msg) => {
      const said = msg.json<{ commandId: string }>();
      heard.set(said.commandId, [...(heard.get(said.commandId) ?? []), said]);
    },
  });
  await nc.flush();
});
afterAll(() => bus.stop());

const send = (verb: string, body: unknown, who = 'acme.alice'): Promise<unknown> =>
  jetstream(nc).publish(`summit.cmd.${who}.${verb}`, typeof body === 'string' ? body : JSON.stringify(body));

async function replies(commandId: string, count = 1): Promise<readonly unknown[]> {
  await waitFor(() => ((heard.get(commandId)?.length ?? 0) >= count ? true : undefined), deadline);
  return heard.get(commandId) ?? [];
}

const request = async (verb: string, body: unknown): Promise<unknown> =>
  (
    await nc.request(`summit.rpc.acme.alice.${verb}`, JSON.stringify(body), { timeout: 10_000 })
  ).json<unknown>();

const create = (threadId: string, commandId: string): object => ({ commandId, threadId, state: { n: 0 } });
const edit = (threadId: string, commandId: string, n: number, expectedVersion: number): object => ({
  commandId,
  threadId,
  patch: [{ op: 'replace', path: '/n', value: n }],
  expectedVersion,
});

/** Every dead letter, by why. */
async function dead(): Promise<Record<string, number>> {
  const jsm = await jetstreamManager(await bus.asUser('operator'));
  const { state } = await jsm.streams.info('SUMMIT_DEAD', { subjects_filter: '>' });
  return state.subjects ?? {};
}

const waiting = async (): Promise<number> => {
  const jsm = await jetstreamManager(await bus.asUser('operator'));
  return (await jsm.streams.info('SUMMIT_COMMANDS')).state.messages;
};

describe('a command on summit.cmd', () => {
  it('[P4] is done, answered on its reply subject, and acknowledged', async () => {
    await send('thread.create', create('t1', 'create-t1'));
    expect(await replies('create-t1')).toEqual([
      { commandId: 'create-t1', ok: true, result: { threadId: 't1', stateVersion: 0 } },
    ]);
    expect(await waitFor(async () => ((await waiting()) === 0 ? true : undefined), deadline)).toBe(true);
  });

  it('[C1.3] twice under one id: the same answer, one effect; with another body: refused', async () => {
    await send('thread.create', create('t2', 'twice'));
    await send('thread.create', create('t2', 'twice'));
    const [first, second] = await replies('twice', 2);
    expect(second).toEqual(first);
    await send('thread.create', create('t3', 'twice'));
    expect((await replies('twice', 3))[2]).toMatchObject({
      ok: false,
      error: {
        code: 'IDEMPOTENCY_KEY_REUSED',
        kind: 'invalid',
        traceId: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    });
  });

  it('is refused with a code and a sentence that helps', async () => {
    await send('state.patch', edit('none', 'no-thread', 1, 0));
    await send('thread.create', { ...create('t4', 'other-tenant'), tenant: 'other' });
    await send('run.start', { commandId: 'no-workflow', workflow: 'nothing' });
    await send('memory.put', { commandId: 'memory', key: 'k' });
    await send('run.pause', { commandId: 'no-run', runId: 'a.*.>' });
    const codes = ['no-thread', 'other-tenant', 'no-workflow', 'memory', 'no-run'].map(async (id) => {
      const [reply] = await replies(id);
      return (reply as { error: { code: string; next: string } }).error;
    });
    const errors = await Promise.all(codes);
    expect(errors.map(({ code }) => code)).toEqual([
      'THREAD_NOT_FOUND',
      'INVALID_BODY',
      'WORKFLOW_UNKNOWN',
      'COMMAND_UNKNOWN',
      'RUN_NOT_FOUND',
    ]);
    for (const { next } of errors) expect(next).toMatch(/\w.*\./);
  });

  it('that can not be read is a dead letter, with why, and holds nothing up', async () => {
    await send('thread.create', 'not JSON');
    await send('thread.create', '[1]');
    await send('thread.create', { threadId: 'x' });
    await send('thread.create', { commandId: 'i'.repeat(1000), threadId: 'x' });
    await send('thread.create', 'x'.repeat(1024 * 1024 + 1));
    await send('thread.create.more', create('x', 'x'));
    await send('thread.create', create('after-the-dead', 'after-the-dead'));
    expect(await replies('after-the-dead')).toMatchObject([{ ok: true }]);
    expect(await waitFor(async () => ((await waiting()) === 0 ? true : undefined), deadline)).toBe(true);
    expect(await dead()).toEqual({
      'summit.dead.body_too_large': 1,
      'summit.dead.command_id_missing': 1,
      'summit.dead.invalid_body': 2,
      'summit.dead.invalid_json': 1,
      'summit.dead.subject_unknown': 1,
    });
    const jsm = await jetstreamManager(await bus.asUser('operator'));
    const letter = await jsm.streams.getMessage('SUMMIT_DEAD', { last_by_subj: 'summit.dead.invalid_json' });
    expect(letter?.string()).toBe('not JSON');
    expect(letter?.header.get('Summit-Subject')).toBe('summit.cmd.acme.alice.thread.create');
  });

  it('with after follows the command that it names', async () => {
    await send('thread.create', create('ordered', 'o-0'));
    const edits = Array.from({ length: 10 }, (_, n) => ({
      ...edit('ordered', `o-${String(n + 1)}`, n, n),
      after: `o-${String(n)}`,
    }));
    for (const one of edits) await send('state.patch', one);
    for (let n = 0; n <= 10; n++) expect(await replies(`o-${String(n)}`)).toMatchObject([{ ok: true }]);
  });

  it('[C1.1] [C1.3] waits for an orchestrator, and is done once', async () => {
    await bus.leave();
    await send('thread.create', create('waits', 'waits-0'));
    await send('state.patch', { ...edit('waits', 'waits-1', 7, 0), after: 'waits-0' });
    expect(await waiting()).toBe(2);
    await bus.lead();
    expect(await replies('waits-1')).toMatchObject([{ ok: true, result: { version: 1 } }]);
  });
});

describe('a request on summit.rpc', () => {
  it('[P4] is answered after the commit', async () => {
    const answer = await request('thread.create', create('r1', 'r1'));
    expect(answer).toEqual({ commandId: 'r1', ok: true, result: { threadId: 'r1', stateVersion: 0 } });
    expect(await request('thread.create', create('r1', 'r1'))).toEqual(answer);
  });

  it('needs no id: as nats req sends it', async () => {
    const answer = await request('thread.create', { threadId: 'r2' });
    expect(answer).toMatchObject({ ok: true, result: { threadId: 'r2' } });
  });

  it('that can not be read is answered with why', async () => {
    const answer = await nc.request('summit.rpc.acme.alice.run.start', 'not JSON', { timeout: 10_000 });
    expect(answer.json()).toMatchObject({ ok: false, error: { code: 'INVALID_JSON' } });
    expect(await request('run.explode', {})).toMatchObject({ error: { code: 'COMMAND_UNKNOWN' } });
    expect(await request('thread.create', { threadId: 't'.repeat(1000) })).toMatchObject({
      error: { code: 'INVALID_BODY' },
    });
  });

  it('answers the same command the same, by whichever way it comes', async () => {
    const answer = await request('thread.create', create('both', 'both'));
    await send('thread.create', create('both', 'both'));
    expect(await replies('both')).toEqual([answer]);
  });
});

describe('who a client is', () => {
  const refusals = async (who: typeof alice, subject: string): Promise<string> => {
    const client = await bus.as(who);
    const refused = (async () => {
      for await (const status of client.status()) {
        if (status.type === 'error') return status.error.message;
      }
      return 'closed';
    })();
    client.publish(subject, '{}');
    await client.flush();
    await client.close();
    return refused;
  };

  it.each([
    'summit.cmd.acme.bob.thread.create',
    'summit.cmd.other.alice.thread.create',
    'summit.rpc.acme.bob.thread.create',
    'summit.journal.00.0001',
    'summit.partition.00.command',
    'summit.reply.acme.bob.x',
    'summit.dead.x',
    '$JS.API.STREAM.PURGE.SUMMIT_COMMANDS',
  ])('[C4.3] is said by permission: nothing is published on %s', async (subject) => {
    expect(await refusals(alice, subject)).toMatch(/permissions violation/i);
  });

  it('[C4.3] hears nobody else’s replies', async () => {
    const client = await bus.as(alice);
    for (const subject of [
      'summit.reply.acme.bob.>',
      'summit.reply.>',
      'summit.journal.>',
      '_INBOX.>',
      '_SERVICE.>',
    ]) {
      const closed = new Promise<string>((resolve) => {
        client.subscribe(subject, {
          callback: (error) => {
            resolve(error?.message ?? 'heard something');
          },
        });
      });
      expect(await closed).toMatch(/permissions violation/i);
    }
  });

  it('[C4.3] with an odd name is encoded: never another subject', async () => {
    const client = await bus.as(odd);
    const token = '=c3=84l=2eice=20=2a=3e'.replace('=c3=84l', '=c3=84l');
    const answer = await client.request(`summit.rpc.acme.${token}.thread.create`, '{"threadId":"a.*.>"}', {
      timeout: 10_000,
    });
    expect(answer.json()).toMatchObject({ ok: true, result: { threadId: 'a.*.>' } });
  });
});
