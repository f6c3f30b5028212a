export { type Action, failureOf, toolAction } from './action.ts';
export { type Context, type StepOptions } from './context.ts';
export { Coroutine, type CoroutineEnd, type CoroutineHost } from './coroutine.ts';
export {
  InvalidInputError,
  NeverHappenedError,
  RetryableError,
  RunCancelledError,
  StepError,
  SummitError,
  TerminalError,
} from './errors.ts';
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
