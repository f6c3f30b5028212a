import { type ModelRequest, scriptedModel, type ScriptedTurn } from '@summit/agents';

/** Plays the model, so that the app needs none: it books what the message names, then says what came of it. */
export const playedModel = scriptedModel(nextTurn, { name: 'played', pace: '15ms' });

export function nextTurn({ messages }: Pick<ModelRequest, 'messages'>): ScriptedTurn {
  const asked = messages.findLastIndex(({ role }) => role === 'user');
  const answer = messages.slice(asked + 1).find(({ role }) => role === 'tool');
  if (answer) return `The desk says: ${answer.content}`;
  const [, room, hours] = /(\w+) for (\d+) hours?/.exec(messages[asked]?.content ?? '') ?? [];
  if (room === undefined) return 'Which room, and for how long? Say it like this: Turing for 2 hours.';
  return {
    text: `I will book ${room}.`,
    toolCalls: [{ name: 'rooms.book', arguments: { room, hours: Number(hours) } }],
  };
}
