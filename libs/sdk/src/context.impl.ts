import { messageSchema } from '@summit/events';
import { type JsonObject } from '@summit/kernel';
import { runAgent } from './agent.ts';
import {
  askPeople,
  awaitSignal,
  callModel,
  callPure,
  callStep,
  callTool,
  patchState,
  sleep,
} from './calls.ts';
import { type Context } from './context.ts';
import { type Coroutine } from './coroutine.ts';
import { copyJson } from './json-copy.ts';
import { quiet } from './quiet.ts';

/**
 * The {@link Context} of a coroutine. Made for each run: one literal, whose members may be taken off and spread. What
 * gives a promise gives a quiet one.
 */
export function makeContext(coroutine: Coroutine): Context {
  const { branches, conversation, dispatch, state } = coroutine;
  const context: Context = {
    runId: dispatch.runId,
    threadId: dispatch.threadId,
    tenant: coroutine.tenant,
    user: dispatch.startedBy,
    tool: (tool, input, options) => callTool(coroutine, tool, input, options),
    step: (name, fn, options) => quiet(callStep(coroutine, name, fn, options)),
    pure: (name, fn, options) => callPure(coroutine, name, fn, options),
    model: (options, step) => quiet(callModel(coroutine, options, step)),
    agent: (agent, input, options) =>
      quiet(
        attempted(() =>
          branches.enter(options?.key ?? agent.definition.name, () => runAgent(agent, context, input)),
        ),
      ),
    messages: {
      earlier: () => conversation.earlier(),
      own: () => conversation.own(),
      append(message) {
        conversation.append(branches.stepKey('message'), messageSchema.parse(copyJson(message)));
      },
    },
    state: {
      get: () => state.get() as JsonObject,
      patch: (change, options) => quiet(patchState(coroutine, change, options)),
    },
    sleep: (duration, options) => quiet(sleep(coroutine, duration, options)),
    signal: (name, payload, options) => quiet(awaitSignal(coroutine, name, payload, options)),
    approve: (question, options) => quiet(askPeople(coroutine, question, options)),
    all: (values) => quiet(Promise.all(values)),
    race: (values) => quiet(Promise.race(values)),
    any: (values) => quiet(Promise.any(values)),
    branch: (key, fn) => quiet(attempted(() => branches.enter(key, fn))),
    now: () => coroutine.now(),
    random: () => Number.parseInt(branches.entropy('random').slice(0, 13), 16) / 2 ** 52,
    uuid: () => uuidOf(branches.entropy('uuid')),
    log(message, fields = {}) {
      coroutine.log(message, fields);
    },
  };
  return context;
}

/** A call that can not be taken fails where its result is awaited, as all calls do. */
function attempted<Output>(call: () => Promise<Output>): Promise<Output> {
  try {
    return call();
  } catch (error) {
    return Promise.resolve().then(() => {
      throw error;
    });
  }
}

/** RFC 9562 version 4 layout over bytes that replay gives again. */
function uuidOf(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
