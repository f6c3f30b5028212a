import {
  type SpanAttributes,
  type TraceSpan,
  type Tracing,
  errorRecord,
  isObject,
  type Json,
} from '@summit/kernel';
import { type Action } from '@summit/sdk';
import { type AttemptEnd, type AttemptOptions } from './attempt.ts';

/** An attempt as part of its run's trace: its action runs inside the span, so that its own spans nest under it. */
export interface TracedAttempt {
  readonly action: Action;
  end(end: AttemptEnd): void;
}

/** `trace`: the run's `traceparent`. Of arguments and results only counts and the names of models are told. // I9 */
export function traceAttempt(
  tracing: Tracing,
  trace: string,
  { action, args, tenant, runId, attempt }: Omit<AttemptOptions, 'live' | 'stepKey'>,
): TracedAttempt {
  const { name, attributes } = action.generates ? chat(action, args) : called(action);
  const span = tracing.span(name, {
    parent: trace,
    kind: action.generates ? 'client' : 'internal',
    attributes: {
      ...attributes,
      'summit.tenant': tenant,
      'summit.run.id': runId,
      'summit.attempt': attempt,
      'summit.effect': action.effect,
    },
  });
  return {
    action: { ...action, run: (...given) => span.run(() => action.run(...given)) },
    end: (end) => {
      ended(span, action, end);
    },
  };
}

interface Named {
  readonly name: string;
  readonly attributes: SpanAttributes;
}

function called({ name, registered }: Action): Named {
  if (!registered) return { name: `step ${name}`, attributes: { 'summit.step.name': name } };
  const tool = { 'gen_ai.tool.name': name, 'gen_ai.tool.type': 'function' };
  return {
    name: `execute_tool ${name}`,
    attributes: { 'gen_ai.operation.name': 'execute_tool', ...tool },
  };
}

function chat({ name }: Action, args: Json): Named {
  const asked = isObject(args) ? args : {};
  const model = textOf(asked['model']) ?? name;
  const agent = textOf(asked['agent']);
  return {
    name: `chat ${model}`,
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': model,
      ...(agent !== undefined && { 'gen_ai.agent.name': agent }),
    },
  };
}

function ended(span: TraceSpan, action: Action, end: AttemptEnd): void {
  if (end.ok) span.end(action.generates ? replied(end.output) : undefined);
  else span.end(undefined, errorRecord(end.error, 'TOOL_FAILED').code);
}

function replied(output: Json): SpanAttributes {
  const reply = isObject(output) ? output : {};
  const usage = isObject(reply['usage']) ? reply['usage'] : {};
  const told = {
    'gen_ai.response.model': textOf(reply['model']),
    'gen_ai.usage.input_tokens': numberOf(usage['inputTokens']),
    'gen_ai.usage.output_tokens': numberOf(usage['outputTokens']),
  };
  const finished = textOf(reply['finishReason']);
  return {
    ...Object.fromEntries(
      Object.entries(told).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
    ),
    ...(finished !== undefined && { 'gen_ai.response.finish_reasons': [finished] }),
  };
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
const numberOf = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);
