import { type Message, type ModelReply, type ModelToolCall } from '@summit/events';
import { TerminalError } from '@summit/kernel';
import { type ToolAnswer } from './tool-answer.ts';

/** What the loop does through; every call is durable, so it goes on where it stood after any crash. // C1.1 */
export interface Loop {
  /** What was said before; the last message is the user's. */
  readonly conversation: readonly Message[];
  readonly maxTurns: number;
  ask(messages: readonly Message[]): Promise<ModelReply>;
  /** Answers one call; rejects only where the loop is to end. */
  answer(call: ModelToolCall): Promise<ToolAnswer>;
  /** Waits for the calls of one turn, which run side by side. */
  all(answers: readonly Promise<ToolAnswer>[]): Promise<readonly ToolAnswer[]>;
  /** Tells of a message of this run. */
  append(message: Message): void;
}

/**
 * The model–tool loop: the model is asked, the tools that it asks for are called, their answers go back, until it
 * answers in words. Resolves to those. Rejects with `AGENT_TURNS_EXCEEDED`, and with what `ask` rejects with.
 */
export async function runLoop(loop: Loop): Promise<string> {
  const messages = [...loop.conversation];
  const say = (message: Message): void => {
    messages.push(message);
    loop.append(message);
  };
  for (let turn = 0; turn < loop.maxTurns; turn++) {
    const { text, toolCalls } = await loop.ask(messages);
    say({ role: 'assistant', content: text, ...(toolCalls.length > 0 && { toolCalls }) });
    if (toolCalls.length === 0) return text;
    const answers = await loop.all(toolCalls.map((call) => loop.answer(call)));
    for (const [i, answer] of answers.entries()) {
      const call = toolCalls[i];
      if (call) say({ role: 'tool', toolCallId: call.id, name: call.name, ...answer });
    }
  }
  throw new TerminalError(
    'AGENT_TURNS_EXCEEDED',
    `the agent did not come to an end within ${String(loop.maxTurns)} turns`,
    'Give it more (maxTurns), or instructions that lead to an end.',
  );
}

/**
 * A conversation that a model takes: calls of earlier runs that were never answered (the run was cancelled, or failed)
 * get an answer that says so.
 */
export function withoutLooseEnds(messages: readonly Message[]): Message[] {
  const answered = new Set(
    messages.flatMap((message) => (message.role === 'tool' ? [message.toolCallId] : [])),
  );
  return messages.flatMap((message): Message[] => {
    const loose = (message.role === 'assistant' ? (message.toolCalls ?? []) : []).filter(
      ({ id }) => !answered.has(id),
    );
    const content = 'the run ended before this call was answered';
    return [
      message,
      ...loose.map(
        ({ id, name }) => ({ role: 'tool', toolCallId: id, name, content, isError: true }) as const,
      ),
    ];
  });
}
