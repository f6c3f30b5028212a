import { type Models } from '@summit/agents';
import { type WorkflowDefinition, workflowDefinitionSchema } from '@summit/events';
import { definitionDigest } from '@summit/engine';
import { z } from 'zod';
import { type Context } from './context.ts';
import { definitionOf, jsonSchema, nameSchema, type Tool } from './tool.ts';

/** How a workflow is described by its author. */
export interface WorkflowOptions<Input extends z.ZodType> {
  readonly name: string;
  /** Runs keep the version they began with. */
  readonly version: string;
  readonly input?: Input;
  /** The tools it calls; they are announced and registered with it. */
  readonly tools?: readonly Tool[];
}

/** A workflow: code, by name and version. */
export interface Workflow {
  readonly definition: WorkflowDefinition;
  readonly tools: readonly Tool[];
  readonly input: z.ZodType;
  run(context: Context, input: unknown): Promise<unknown>;
}

const definitionSchema = workflowDefinitionSchema.extend({
  name: nameSchema,
  version: z.string().regex(/^[\w.+-]{1,64}$/, 'use letters, digits, _ . + -'),
});

/** Defines a workflow from an ordinary async function. Throws `WORKFLOW_INVALID`. */
export function defineWorkflow<Input extends z.ZodType = z.ZodType>(
  options: WorkflowOptions<Input>,
  body: (context: Context, input: z.output<Input>) => Promise<unknown>,
): Workflow {
  const { name, version, tools = [] } = options;
  const input: z.ZodType = options.input ?? z.unknown();
  return {
    definition: definitionOf('WORKFLOW_INVALID', definitionSchema, {
      name,
      version,
      input: jsonSchema(input, 'input'),
      tools: Object.fromEntries(
        tools.map(({ definition }) => [definition.name, definitionDigest(definition)]),
      ),
    }),
    tools,
    input,
    run: (context, value) => body(context, value as z.output<Input>),
  };
}

/** What a directory's `summit.app.ts` exports by default. */
export interface App {
  readonly name: string;
  readonly workflows: readonly Workflow[];
  readonly tools: readonly Tool[];
  /** By the names that agents use; `default` may come from the executor's environment instead. */
  readonly models: Models;
}

/** Gathers workflows, agents, tools and models into what an executor serves. */
export function defineApp(options: {
  readonly name: string;
  readonly workflows?: readonly Workflow[];
  readonly agents?: readonly Workflow[];
  readonly tools?: readonly Tool[];
  readonly models?: Models;
}): App {
  const { name, models = {} } = options;
  const workflows = [...(options.workflows ?? []), ...(options.agents ?? [])];
  const tools = new Map<string, Tool>();
  for (const tool of [...(options.tools ?? []), ...workflows.flatMap((workflow) => workflow.tools)]) {
    tools.set(definitionDigest(tool.definition), tool);
  }
  return { name, workflows, tools: [...tools.values()], models };
}
