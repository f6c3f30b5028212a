/**
 * The process behind `summit up`: runs the stack until it is told to end. Its one argument is the plan as JSON;
 * what it does stands in the state file and, line by line, on stdout.
 */
import { productVersion } from './product-version.ts';
import { stackPlan } from './stack-plan.ts';
import { Supervisor } from './supervisor.ts';

const plan = stackPlan.parse(JSON.parse(process.argv[2] ?? '{}'));
const log = (line: string): void => {
  process.stdout.write(`${new Date().toISOString()} ${line}\n`);
};
const supervisor = new Supervisor(plan, { version: productVersion(), log });

const stop = (): void => {
  void supervisor.stop().finally(() => process.exit(0));
};
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

try {
  await supervisor.start();
} catch {
  // The state file says why. Where the end was asked for, it is `stop` that exits.
  if (supervisor.state.phase === 'failed') process.exit(1);
}
