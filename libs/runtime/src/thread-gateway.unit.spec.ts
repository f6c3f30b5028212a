import { MessageChannel } from 'node:worker_threads';
import { afterAll, describe, expect, it } from '@jest/globals';
import { type CommandGateway } from './command-gateway.ts';
import { type Command, type Query } from './leader/command.ts';
import { serveThread, ThreadGateway } from './thread-gateway.ts';
import { WrittenAnswer } from './written-answer.ts';

const command: Command = {
  tenant: 'acme',
  user: 'alice',
  roles: ['operator'],
  commandId: 'c-1',
  body: { verb: 'run.pause', runId: 'run_00_a' },
  trace: '',
};

/** Answers with what it was asked; a query of `late` only after everything else. */
class Echo implements CommandGateway {
  release: () => void = () => undefined;

  submit(asked: Command): ReturnType<CommandGateway['submit']> {
    return Promise.resolve({ ok: true, value: { commandId: asked.commandId, verb: asked.body.verb } });
  }

  query(query: Query): ReturnType<CommandGateway['query']> {
    const runId = 'runId' in query ? query.runId : '';
    if (runId === 'again') return Promise.resolve({ ok: true, value: 'as before', repeated: true });
    if (runId === 'broken') return Promise.reject(new Error('a defect'));
    if (runId !== 'late') return Promise.resolve({ ok: true, value: runId });
    return new Promise((resolve) => {
      this.release = () => {
        resolve({ ok: true, value: 'at last' });
      };
    });
  }

  approvals() {
    return Promise.resolve({ ok: true, value: [] } as const);
  }

  figures(): ReturnType<CommandGateway['figures']> {
    return Promise.resolve([{ partition: 0, runs: 1, executors: 2, pending: 3, epoch: 4 }]);
  }
}

describe('a gateway between threads', () => {
  const { port1, port2 } = new MessageChannel();
  const echo = new Echo();
  serveThread(port1, echo);
  const gateway = new ThreadGateway(port2);
  afterAll(() => {
    port1.close();
  });

  it('brings a command over and its answer back', async () => {
    expect(await gateway.submit(command)).toMatchObject({
      ok: true,
      value: { commandId: 'c-1', verb: 'run.pause' },
    });
    expect(await gateway.figures()).toEqual([{ partition: 0, runs: 1, executors: 2, pending: 3, epoch: 4 }]);
  });

  it('gives each call its own answer, in whatever order they come', async () => {
    const late = gateway.query({ tenant: 'acme', runId: 'late' });
    const others = await Promise.all(
      ['a', 'b', 'c'].map((runId) => gateway.query({ tenant: 'acme', runId })),
    );
    expect(others.map((answer) => answer.ok && answer.value)).toEqual(['a', 'b', 'c']);
    echo.release();
    expect(await late).toMatchObject({ ok: true, value: 'at last' });
  });

  it('leaves a value as the text that it came as', async () => {
    const answer = await gateway.submit(command);
    expect(answer).toBeInstanceOf(WrittenAnswer);
    expect(answer).toMatchObject({ text: '{"commandId":"c-1","verb":"run.pause"}' });
  });

  it('says of a command that it was answered before', async () => {
    const answer = await gateway.query({ tenant: 'acme', runId: 'again' });
    expect(answer).toEqual({ ok: true, value: 'as before', repeated: true });
  });

  it('answers what throws as a defect', async () => {
    const answer = await gateway.query({ tenant: 'acme', runId: 'broken' });
    expect(answer).toMatchObject({ ok: false, error: { kind: 'defect' } });
  });
});
