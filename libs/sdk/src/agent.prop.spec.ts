import { describe, expect, it } from '@jest/globals';
import { type Json } from '@summit/kernel';
import fc from 'fast-check';
import { z } from 'zod';
import { defineAgent } from './agent.ts';
import { Stage } from './replay.fixture.ts';
import { defineTool } from './tool.ts';

const find = defineTool({
  name: 'find',
  input: z.object({ id: z.string() }),
  output: z.string(),
  effect: 'idempotent',
  execute: ({ id }) => id,
});
const agent = defineAgent({
  name: 'support',
  version: '1',
  tools: [find],
  instructions: 'Be kind.',
  state: z.object({ mood: z.string() }),
});

const callKinds = ['found', 'denied', 'unknown tool', 'no JSON', 'misfit', 'state'] as const;
type CallKind = (typeof callKinds)[number];

function callOf(kind: CallKind, id: string): Json {
  switch (kind) {
    case 'unknown tool':
      return { id, name: 'burn', arguments: '{}' };
    case 'no JSON':
      return { id, name: 'find', arguments: '{"id":' };
    case 'misfit':
      return { id, name: 'find', arguments: '{"id":7}' };
    case 'state':
      return { id, name: 'set_state', arguments: JSON.stringify({ mood: id }) };
    default:
      return { id, name: 'find', arguments: JSON.stringify({ id: kind }) };
  }
}

/** What the model says in its turns; after the last it answers in words. */
type Turns = readonly (readonly CallKind[])[];
const turns: fc.Arbitrary<Turns> = fc.array(
  fc.array(fc.constantFrom(...callKinds), { minLength: 1, maxLength: 4 }),
  { maxLength: 4 },
);

function replyOf(said: Turns, turn: number): Json {
  const toolCalls = (said[turn] ?? []).map((kind, i) => callOf(kind, `c${String(turn)}-${String(i)}`));
  return {
    text: `turn ${String(turn)}`,
    toolCalls,
    finishReason: 'stop',
    usage: { inputTokens: 1, outputTokens: 1 },
    tokens: { count: 1, digest: '' },
    model: 'm',
  };
}

/** Answers what is open, in an order of fast-check's, until the run has ended. */
async function drive(stage: Stage, said: Turns, order: readonly number[]): Promise<Stage> {
  await stage.still();
  for (let i = 0; !stage.end && stage.open().length > 0; i++) {
    const open = stage.open();
    answer(stage, open[(order[i % order.length] ?? 0) % open.length] ?? '', said);
    await stage.still();
  }
  return stage.still();
}

function answer(stage: Stage, key: string, said: Turns): void {
  if (key.startsWith('model#')) stage.outcome(key, replyOf(said, Number(key.slice(6))));
  else if (key.startsWith('state')) stage.settle(key, { ok: true, output: null }, patchOf(stage, key));
  else if (kindOf(key, said) === 'denied') {
    stage.settle(key, { ok: false, error: { code: 'POLICY_DENIED', message: 'not today' } });
  } else stage.outcome(key, `answer to ${key}`);
}

function patchOf(stage: Stage, key: string) {
  const item = stage.said.find((one) => one.kind === 'patch' && one.stepKey === key);
  return item?.kind === 'patch' ? item.patch : [];
}

function kindOf(key: string, said: Turns): CallKind | undefined {
  const [, turn = '', i = ''] = /\[c(\d+)-(\d+)\]/.exec(key) ?? [];
  return said[Number(turn)]?.[Number(i)];
}

const input = { message: 'Where is my order?' };
const messagesOf = (stage: Stage) =>
  stage.said.flatMap((item) => (item.kind === 'message' ? [item.message] : []));

describe('an agent in replay', () => {
  it('[C1.4] comes to the same end from its whole history, with nothing new to say', async () => {
    await fc.assert(
      fc.asyncProperty(turns, fc.array(fc.nat(9), { minLength: 1 }), async (said, order) => {
        const before = await drive(new Stage(agent, [], input), said, order);
        expect(before.end).toEqual({ how: 'completed', output: `turn ${String(said.length)}` });
        const again = await new Stage(agent, before.history, input).still();
        expect(again.end).toEqual(before.end);
        expect(again.said).toEqual([]);
      }),
      { numRuns: 100 },
    );
  });

  it('[C1.1] [C4.1] goes on from any prefix of it, and appends each message once', async () => {
    await fc.assert(
      fc.asyncProperty(turns, fc.nat(), async (said, cut) => {
        const whole = await drive(new Stage(agent, [], input), said, [0]);
        const prefix = whole.history.slice(0, cut % (whole.history.length + 1));
        const again = await drive(new Stage(agent, prefix, input), said, [0]);
        expect(again.end).toEqual(whole.end);
        const before = prefix.filter(({ t }) => t === 'message').length;
        expect(messagesOf(again)).toEqual(messagesOf(whole).slice(before));
      }),
      { numRuns: 150 },
    );
  });
});
