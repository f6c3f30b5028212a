export { type Action, failureOf, toolAction } from './action.ts';
export { type Agent, type AgentOptions, defineAgent } from './agent.ts';
export {
  type Approved,
  type Context,
  type Question,
  type StepOptions,
  type ToolCallOptions,
} from './context.ts';
export { Coroutine } from './coroutine.ts';
export { type CoroutineEnd, type CoroutineHost } from './coroutine.host.ts';
export {
  InvalidInputError,
  NeverHappenedError,
  RetryableError,
  RunCancelledError,
  StepError,
  SummitError,
  TerminalError,
} from './errors.ts';
export { type Live, type ModelOptions } from './model.ts';
export { standIn, withStandIns } from './stand-in.ts';
export {
  defineTool,
  done,
  never,
  type Reconciled,
  type Tool,
  type ToolContext,
  type ToolOptions,
  unknown,
} from './tool.ts';
export { type App, defineApp, defineWorkflow, type Workflow, type WorkflowOptions } from './workflow.ts';
