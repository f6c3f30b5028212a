import { answerCall, type CallableTool, runLoop, withoutLooseEnds } from '@summit/agents';
import { type Message, type ModelToolCall } from '@summit/events';
import { type ErrorRecord, InvalidInputError, isObject, type JsonObject } from '@summit/kernel';
import { z } from 'zod';
import { type Context } from './context.ts';
import { StepError } from './errors.ts';
import { copyJson } from './json-copy.ts';
import { defineTool, type Tool } from './tool.ts';
import { defineWorkflow, type Workflow } from './workflow.ts';

/** How an agent is described by its author. */
export interface AgentOptions {
  readonly name: string;
  /** Runs keep the version they began with. */
  readonly version: string;
  /** By its name in the app's models; default `default`. */
  readonly model?: string;
  readonly tools?: readonly Tool[];
  /** What it is and how it is to behave, before the conversation. */
  readonly instructions: string;
  /** What it keeps for the conversation in the thread's state; the model sees it, and sets it with `set_state`. */
  readonly state?: z.ZodObject;
  /** What else than a message it can be started with. */
  readonly input?: z.ZodType;
  /** Model calls in one run; default 20. */
  readonly maxTurns?: number;
  readonly maxOutputTokens?: number;
  readonly temperature?: number;
}

/** An agent: a workflow whose body is the model–tool loop. It ends with the text that the model answers. */
export interface Agent extends Workflow {
  readonly options: AgentOptions;
}

const MAX_TURNS = 20;
const SET_STATE = 'set_state';

/** Defines an agent. Throws `AGENT_INVALID` and `WORKFLOW_INVALID`. */
export function defineAgent(options: AgentOptions): Agent {
  const { name, version, tools = [], input } = options;
  checkTools(options);
  const message = z.object({ message: z.string() });
  const workflow = defineWorkflow(
    { name, version, tools, input: input ? z.union([message, input]) : message },
    (context, given) => converse(options, context, given),
  );
  return { ...workflow, options };
}

function checkTools({ name, tools = [] }: AgentOptions): void {
  const names = tools.map(({ definition }) => definition.name);
  const wrong = names.find((tool, i) => tool === SET_STATE || names.indexOf(tool) !== i);
  if (wrong === undefined) return;
  throw new InvalidInputError(
    'AGENT_INVALID',
    `the agent ${name} has two tools named ${wrong}`,
    `Give them names of their own; ${SET_STATE} is the runtime's.`,
  );
}

/** [C4.1] The agent of a run: the thread's conversation goes on. */
function converse(options: AgentOptions, context: Context, input: unknown): Promise<string> {
  const { messages } = context;
  if (messages.own().length === 0) messages.append({ role: 'user', content: contentOf(input) });
  const conversation = [...withoutLooseEnds(messages.earlier()), ...messages.own()];
  return loop(options, context, conversation, (message) => {
    messages.append(message);
  });
}

/** Another agent within a run: a conversation of its own, of which the thread hears nothing. */
export function runAgent({ options, input }: Agent, context: Context, given: unknown): Promise<string> {
  const asked: unknown = input.parse(typeof given === 'string' ? { message: given } : given);
  return loop(options, context, [{ role: 'user', content: contentOf(asked) }], () => undefined);
}

/** What a model is told of an input: its message, or its JSON. */
function contentOf(input: unknown): string {
  const only = isObject(input) && Object.keys(input).length === 1 ? input['message'] : undefined;
  return typeof only === 'string' ? only : JSON.stringify(copyJson(input));
}

function loop(
  options: AgentOptions,
  context: Context,
  conversation: readonly Message[],
  append: (message: Message) => void,
): Promise<string> {
  const { name, instructions, state, maxTurns = MAX_TURNS, model, maxOutputTokens, temperature } = options;
  const stateTool = state && setState(state, context);
  const tools = [...(options.tools ?? []), ...(stateTool ? [stateTool] : [])];
  const callable = new Map(tools.map((tool) => [tool.definition.name, callableOf(tool, context)]));
  return runLoop({
    conversation,
    maxTurns,
    append,
    ask: (messages) =>
      context.model(
        {
          messages,
          tools,
          instructions: state ? `${instructions}\n\n${stateText(context)}` : instructions,
          ...(model !== undefined && { model }),
          ...(maxOutputTokens !== undefined && { maxOutputTokens }),
          ...(temperature !== undefined && { temperature }),
        },
        { agent: name },
      ),
    answer: (call: ModelToolCall) => answerCall(call, callable, told),
    all: (answers) => context.all(answers),
  });
}

function callableOf(tool: Tool, context: Context): CallableTool {
  const { input, definition } = tool;
  if (definition.name === SET_STATE)
    return { input, call: (args) => context.state.patch(input.parse(args) as JsonObject) };
  return { input, call: (args, id, executed) => context.tool(tool, args, { key: id, executed }) };
}

/** What was denied, rejected or failed is told to the model. A cancelled run ends; an unknown effect is waited for. */
const told = (error: unknown): ErrorRecord | undefined =>
  error instanceof StepError ? { code: error.code, message: error.message } : undefined;

const stateText = (context: Context): string =>
  `State of this conversation, change it with ${SET_STATE}: ${JSON.stringify(context.state.get())}`;

/** A tool for the model alone: what it calls is a patch of the thread's state, proposed and decided as such. */
function setState(state: z.ZodObject, context: Context): Tool {
  return defineTool({
    name: SET_STATE,
    description: 'Sets members of the state of this conversation; those not given stay as they are.',
    input: state.partial(),
    output: z.number(),
    effect: 'idempotent',
    execute: (args) => context.state.patch(copyJson(args) as JsonObject),
  });
}
