export { testWorkflow } from './test-workflow.ts';
export {
  type Answered,
  type Asked,
  type TestedRun,
  type TestedStep,
  type TestOptions,
} from './tested-run.ts';
export { standIn } from '@summit/sdk';
export { allow, ask, deny } from './verdicts.ts';
