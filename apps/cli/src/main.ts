import { Command } from 'commander';
import { usageExitCode } from './verb.ts';
import { addDoctor } from './verbs/doctor.ts';
import { addDown } from './verbs/down.ts';
import { addPolicy } from './verbs/policy.ts';
import { addStatus } from './verbs/status.ts';
import { addStreams } from './verbs/streams.ts';
import { addTest } from './verbs/test.ts';
import { addUp } from './verbs/up.ts';

/** Every verb, in the order of `--help`. */
const verbs = [addUp, addDown, addStatus, addDoctor, addStreams, addPolicy, addTest];

const program = new Command('summit')
  .description('Durable, governed agent workflows.')
  .helpCommand(false)
  .showHelpAfterError('(see --help)')
  .exitOverride();
for (const add of verbs) add(program);

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = usageExitCode(error);
}
