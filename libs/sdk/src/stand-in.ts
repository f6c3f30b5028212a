import { type z } from 'zod';
import { type Agent, runAgent } from './agent.ts';
import { type Context } from './context.ts';
import { type Tool } from './tool.ts';
import { type Workflow } from './workflow.ts';

/** A tool of the same definition that does something else: what a test calls in the place of the real one. */
export function standIn<Input extends z.ZodType, Output extends z.ZodType>(
  tool: Tool<Input, Output>,
  execute: Tool<Input, Output>['execute'],
): Tool<Input, Output> {
  return { ...tool, execute };
}

/** A workflow that calls other tools in the place of those of the same name; its agents do too. */
export function withStandIns(workflow: Workflow, tools: readonly Tool[]): Workflow {
  const byName = new Map(tools.map((tool) => [tool.definition.name, tool]));
  return { ...workflow, run: (context, input) => workflow.run(standing(context, byName), input) };
}

function standing(context: Context, byName: ReadonlyMap<string, Tool>): Context {
  const instead = <Called extends Tool>(tool: Called): Called => {
    const other = byName.get(tool.definition.name);
    return other ? { ...tool, execute: (input, given) => other.execute(input, given) } : tool;
  };
  const stood: Context = {
    ...context,
    tool: (tool, input, options) => context.tool(instead(tool), input, options),
    agent: (agent: Agent, input, options) =>
      context.branch(options?.key ?? agent.definition.name, () => runAgent(agent, stood, input)),
  };
  return stood;
}
