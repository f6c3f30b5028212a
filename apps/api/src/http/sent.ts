import { type Json } from '@summit/kernel';
import { type Answer, WrittenAnswer } from '@summit/runtime';
import { valueOf } from './call.ts';

/** What an answer's caller is sent: the value, as the text that it came as where it did ({@link textOf}). */
export type Sent = Json | WrittenAnswer;

/** As {@link valueOf}, of an answer that is passed on. Throws {@link AnswerError}. */
export function sentOf(answer: Answer): Sent {
  return answer instanceof WrittenAnswer ? answer : valueOf(answer);
}

/** The JSON text of what is sent. */
export function textOf(sent: unknown): string {
  return sent instanceof WrittenAnswer ? sent.text : JSON.stringify(sent);
}
