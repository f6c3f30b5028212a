/**
 * The agent under its policy, in this process: the runtime's own leader and executor over stores in memory. Hours that a
 * person would take to answer pass at once.
 */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { standIn, testWorkflow } from '@summit/testing';
import { playedModel } from './model.ts';
import app from './summit.app.ts';
import { bookRoom } from './tools.ts';

const booked: { room: string; hours: number }[] = [];
const given = {
  policies: join(import.meta.dirname, 'policies'),
  models: { default: playedModel },
  tools: [
    standIn(bookRoom, (input) => {
      booked.push(input);
      return { bookingId: `b-${booked.length}`, ...input };
    }),
  ],
};

test('a short booking is made at once', async () => {
  booked.length = 0;
  const run = await testWorkflow(app, { ...given, message: 'Turing for 2 hours, please.' });
  assert.equal(run.status, 'completed');
  assert.match(JSON.stringify(run.output), /b-1/);
  assert.deepEqual(run.asked, []);
});

test('above the bound of the policy a person is asked, who lowers it', async () => {
  booked.length = 0;
  const run = await testWorkflow(app, {
    ...given,
    message: 'Hopper for 8 hours, please.',
    approve: () => ({ decision: 'modify', action: { room: 'Hopper', hours: 3 } }),
  });
  assert.equal(run.status, 'completed');
  assert.deepEqual(run.asked[0]?.arguments, { room: 'Hopper', hours: 8 });
  assert.deepEqual(booked, [{ room: 'Hopper', hours: 3 }]);
});

test('where nobody answers, nothing is booked', async () => {
  booked.length = 0;
  const run = await testWorkflow(app, { ...given, message: 'Hopper for 8 hours, please.' });
  assert.deepEqual(booked, []);
  assert.equal(run.asked.length, 1);
});
