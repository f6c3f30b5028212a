import { describe, expect, it } from '@jest/globals';
import { type EventOf, type Message } from '@summit/events';
import {
  type Conversation,
  evolveConversation,
  MAX_CONVERSATION_LENGTH,
  messagesBefore,
  NO_CONVERSATION,
} from './conversation.ts';

const user = (content: string): Message => ({ role: 'user', content });
const assistant = (content: string): Message => ({ role: 'assistant', content });

function appended(index: number, message: Message): EventOf<'MessageAppended'> {
  return { type: 'MessageAppended', v: 1, basis: 0, index, role: message.role, data: { message } };
}
const said = (...messages: readonly (readonly [string, Message])[]): Conversation =>
  messages.reduce(
    (conversation, [runId, message], i) => evolveConversation(conversation, runId, appended(i, message)),
    NO_CONVERSATION,
  );
const contents = (conversation: Conversation, runId: string, later: readonly string[] = []): string[] =>
  messagesBefore(conversation, runId, later).map(({ content }) => content);

describe('a thread’s conversation', () => {
  it('[C4.1] holds what was said before a run, in the order of the runs', () => {
    const conversation = said(['r1', user('a')], ['r2', user('b')], ['r1', assistant('to a')]);
    expect(contents(conversation, 'r2')).toEqual(['a', 'to a']);
    expect(conversation.next).toBe(3);
  });

  it('[C4.1] holds nothing of runs that come later', () => {
    const conversation = said(['r1', user('a')], ['r2', user('b')], ['r3', user('c')]);
    expect(contents(conversation, 'r1', ['r2', 'r3'])).toEqual([]);
    expect(contents(conversation, 'r2', ['r3'])).toEqual(['a']);
  });

  it('keeps the newest part of a long one, from something that a user said on', () => {
    const long = 'x'.repeat(MAX_CONVERSATION_LENGTH / 4);
    const conversation = said(
      ['r1', user('a')],
      ['r1', assistant(long)],
      ['r2', user('b')],
      ['r2', assistant(long)],
      ['r3', user('c')],
      ['r3', assistant(long)],
      ['r4', user('d')],
      ['r4', assistant(long)],
    );
    expect(contents(conversation, 'r5')).toEqual(['b', long, 'c', long, 'd', long]);
    expect(conversation.next).toBe(8);
  });

  it('is empty rather than begin with an answer that alone is too long', () => {
    const conversation = said(['r1', user('a')], ['r1', assistant('x'.repeat(MAX_CONVERSATION_LENGTH))]);
    expect(contents(conversation, 'r2')).toEqual([]);
    expect(contents(evolveConversation(conversation, 'r2', appended(2, user('b'))), 'r3')).toEqual(['b']);
  });

  it('[I6] counts erased messages, and holds none of them', () => {
    const { data: _, ...erased } = appended(1, user('gone'));
    const conversation = evolveConversation(said(['r1', user('a')]), 'r1', erased);
    expect(conversation.next).toBe(2);
    expect(contents(conversation, 'r2')).toEqual(['a']);
  });
});
