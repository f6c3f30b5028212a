import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import type { ModelProvider } from '@summit/agents';
import { defineAgent } from '@summit/sdk';
import { z } from 'zod';

/** What the bench asks the model for, as its message. */
const order = z.object({ tokens: z.number().int().positive(), thinkMs: z.number() });

/**
 * Plays a model: thinks for a while, then gives tokens one after another, each in its own turn of the event loop. The
 * first one says when it was given, in milliseconds of the machine's monotonic clock, which all its processes share.
 */
const model: ModelProvider = {
  async *stream({ messages }, { signal }) {
    const { tokens, thinkMs } = order.parse(JSON.parse(messages.at(-1)?.content ?? ''));
    await delay(thinkMs, undefined, { signal });
    yield { type: 'text', delta: `${String(Number(process.hrtime.bigint()) / 1e6)} ` };
    for (let i = 1; i < tokens; i++) {
      await setImmediate();
      yield { type: 'text', delta: 'word ' };
    }
    yield {
      type: 'finish',
      reason: 'stop',
      usage: { inputTokens: 1, outputTokens: tokens },
      model: 'played',
    };
  },
};

const talk = defineAgent({
  name: 'bench-talk',
  version: '1',
  model: 'played',
  tools: [],
  instructions: 'Talk.',
});

export const talking = { agents: [talk], models: { played: model } };
