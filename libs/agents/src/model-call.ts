import { type Message, type ModelCall } from '@summit/events';
import { canonicalJson, sha256 } from '@summit/kernel';
import { type ModelRequest } from './provider.ts';

/** The last message is shown to policy up to this many UTF-16 units, else by digest and size. */
const MAX_LAST = 2048;

/** How a call is named beside what it asks. */
export interface CallNames {
  readonly model: string;
  readonly agent?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

/** A request as it is proposed: the conversation by digest and size, the last message as it is where it is short. */
export function modelCallOf(request: ModelRequest, { model, agent, timeoutMs }: CallNames): ModelCall {
  const { instructions, messages, tools, maxOutputTokens, temperature } = request;
  const text = canonicalJson({ instructions, messages, tools });
  const bytes = Buffer.byteLength(text);
  const last = messages.at(-1);
  return {
    model,
    ...(agent !== undefined && { agent }),
    conversation: { messages: messages.length, bytes, digest: sha256(text) },
    ...(last && { last: lastOf(last) }),
    inputTokens: Math.ceil(bytes / 4),
    ...(maxOutputTokens !== undefined && { maxOutputTokens }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(temperature !== undefined && { temperature }),
    tools: tools.map(({ name }) => name),
  };
}

function lastOf({ role, content }: Message): ModelCall['last'] {
  if (content.length <= MAX_LAST) return { role, content };
  return { role, digest: sha256(content.toWellFormed()), bytes: Buffer.byteLength(content) };
}
