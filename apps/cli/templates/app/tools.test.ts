/**
 * What the app's own parts do, without the runtime: `npm test`. The agent under its policy is tried in desk.test.ts; that a
 * booking survives a crash and is recorded is seen on a stack: `summit up --app`, `summit run`.
 */
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { test } from 'node:test';
import { nextTurn } from './model.ts';
import { bookRoom } from './tools.ts';

/** What the runtime gives a tool. */
const context = (idempotencyKey: string): Parameters<typeof bookRoom.execute>[1] => ({
  idempotencyKey,
  signal: new AbortController().signal,
  attempt: 1,
  runId: 'run',
  tenant: 'acme',
  heartbeat: () => undefined,
});

test('the same key is one booking, another key is another', async () => {
  const input = { room: 'Turing', hours: 2 };
  const key = randomUUID();
  const first = await bookRoom.execute(input, context(key));
  assert.deepEqual(await bookRoom.execute(input, context(key)), first);
  assert.notDeepEqual(await bookRoom.execute(input, context(randomUUID())), first);
});

test('a booking of no hours does not fit', () => {
  assert.equal(bookRoom.input.safeParse({ room: 'Turing', hours: 0 }).success, false);
});

test('the model books what it is asked for', () => {
  const turn = nextTurn({ messages: [{ role: 'user', content: 'Hopper for 8 hours, please' }] });
  assert.ok(typeof turn === 'object');
  assert.deepEqual(turn.toolCalls, [{ name: 'rooms.book', arguments: { room: 'Hopper', hours: 8 } }]);
});
