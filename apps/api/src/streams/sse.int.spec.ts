import { createServer, get, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { waitFor } from '@summit/servers';
import { type StreamEvent } from '@summit/streams';
import { writeEvents } from './sse.ts';

const HEARTBEAT_MS = 20;
const PATIENCE_MS = 200;

let server: Server;
let answer: (response: ServerResponse) => Promise<void>;
let ended: Promise<void>;
beforeEach(async () => {
  server = createServer((_request, response) => {
    ended = answer(response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterEach(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

const port = (): number => (server.address() as AddressInfo).port;
const event = (cursor: string, delta: string): StreamEvent => ({
  cursor,
  runId: 'r',
  threadId: 't',
  at: 1,
  type: 'token',
  stepId: 's',
  attempt: 1,
  index: 0,
  delta,
});

/** What a client that reads receives. */
async function received(look: (text: string) => void = () => undefined): Promise<string> {
  const response = await new Promise<IncomingMessage>((resolve) =>
    get({ port: port(), host: '127.0.0.1' }, resolve),
  );
  expect(response.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8' });
  let text = '';
  for await (const bytes of response) look((text += String(bytes)));
  return text;
}

describe('server-sent events', () => {
  it('have the cursor as their id, and end with what they tell of', async () => {
    answer = (response) => writeEvents(response, batches([[], [event('1.0', 'a\nb'), event('1.1', 'c')]]));
    const text = await received();
    expect(text).toContain('retry: 1000\n\n');
    expect(text).toContain(`id: 1.0\nevent: token\ndata: ${JSON.stringify(event('1.0', 'a\nb'))}\n\n`);
    expect(text.trimEnd().endsWith(JSON.stringify(event('1.1', 'c')))).toBe(true);
  });

  it('are kept alive by comments while nothing happens', async () => {
    let go: () => void = () => undefined;
    const wait = new Promise<void>((resolve) => (go = resolve));
    async function* slowly(): AsyncGenerator<StreamEvent[]> {
      yield [event('1.0', 'a')];
      await wait;
    }
    answer = (response) => writeEvents(response, slowly(), { heartbeatMs: HEARTBEAT_MS });
    const text = await received((soFar) => {
      if (soFar.includes(': heartbeat\n\n')) go();
    });
    expect(text).toContain('id: 1.0');
  });

  it('[C2.4] cut off a client that does not read, and take no more for it than it has room', async () => {
    let taken = 0;
    let cleaned = false;
    async function* much(): AsyncGenerator<StreamEvent[]> {
      try {
        for (; taken < 10_000; taken++) yield [event(`1.${String(taken)}`, 'x'.repeat(100_000))];
      } finally {
        cleaned = true;
      }
    }
    answer = (response) => writeEvents(response, much(), { patienceMs: PATIENCE_MS });
    const socket = connect(port(), '127.0.0.1').pause();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    expect(await waitFor(() => (cleaned ? true : undefined), { deadlineMs: 20_000 })).toBe(true);
    await ended;
    expect(taken).toBeLessThan(1000);
    socket.destroy();
  });

  it('stop with the client', async () => {
    let cleaned = false;
    async function* endless(): AsyncGenerator<StreamEvent[]> {
      try {
        for (;;) {
          await new Promise((resolve) => setImmediate(resolve));
          yield [event('1.0', 'a')];
        }
      } finally {
        cleaned = true;
      }
    }
    answer = (response) => writeEvents(response, endless());
    const request = get({ port: port(), host: '127.0.0.1' }, (response) => {
      response.once('data', () => request.destroy());
    });
    request.on('error', () => undefined);
    expect(await waitFor(() => (cleaned ? true : undefined), { deadlineMs: 20_000 })).toBe(true);
  });
});

async function* batches(all: readonly StreamEvent[][]): AsyncGenerator<StreamEvent[]> {
  yield* all;
}
