import { z } from 'zod';
import { defineEvent, errorSchema, json } from './define.ts';
import { effectSchema, retrySchema } from './run.events.ts';

/** A tool as it is registered: content-addressed by the SHA-256 of its canonical JSON. */
export const toolDefinitionSchema = z.object({
  name: z.string().min(1).max(128),
  description: z.string(),
  effect: effectSchema,
  /** JSON Schema (2020-12) of the arguments and of the result. */
  input: json,
  output: json,
  sensitive: z.boolean(),
  timeoutMs: z.int().positive(),
  retry: retrySchema,
  reconciles: z.boolean(),
});
export type ToolDefinition = z.infer<typeof toolDefinitionSchema>;

/** A workflow as it is registered, by name and version. */
export const workflowDefinitionSchema = z.object({
  name: z.string().min(1).max(128),
  version: z.string().min(1).max(64),
  /** JSON Schema (2020-12) of the input. */
  input: json,
  /** Names and digests of the tools it may propose. */
  tools: z.record(z.string(), z.string()),
});
export type WorkflowDefinition = z.infer<typeof workflowDefinitionSchema>;

export const ToolRegistered = defineEvent('ToolRegistered', { tool: z.string() }, toolDefinitionSchema);
export const WorkflowRegistered = defineEvent(
  'WorkflowRegistered',
  { workflow: z.string() },
  workflowDefinitionSchema,
);

/** A command was refused before it changed anything; it is on the caller's record. */
export const CommandDenied = defineEvent(
  'CommandDenied',
  {},
  z.object({ command: z.string(), target: z.string(), error: errorSchema }),
);

export const catalogueEvents = [ToolRegistered, WorkflowRegistered, CommandDenied] as const;
