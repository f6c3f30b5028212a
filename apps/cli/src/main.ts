import { Command } from 'commander';
import { usageExitCode } from './verb.ts';
import { addApprovals } from './verbs/approvals.ts';
import { addApprove } from './verbs/approve.ts';
import { addBench } from './verbs/bench.ts';
import { addCancel } from './verbs/cancel.ts';
import { addDemo } from './verbs/demo.ts';
import { addDoctor } from './verbs/doctor.ts';
import { addDown } from './verbs/down.ts';
import { addInit } from './verbs/init.ts';
import { addJournal } from './verbs/journal.ts';
import { addLineage } from './verbs/lineage.ts';
import { addPause } from './verbs/pause.ts';
import { addPolicy } from './verbs/policy.ts';
import { addRebuild } from './verbs/rebuild.ts';
import { addReject } from './verbs/reject.ts';
import { addResume } from './verbs/resume.ts';
import { addRun } from './verbs/run.ts';
import { addRuns } from './verbs/runs.ts';
import { addShow } from './verbs/show.ts';
import { addSignal } from './verbs/signal.ts';
import { addState } from './verbs/state.ts';
import { addStatus } from './verbs/status.ts';
import { addStreams } from './verbs/streams.ts';
import { addTest } from './verbs/test.ts';
import { addThreads } from './verbs/threads.ts';
import { addToken } from './verbs/token.ts';
import { addUp } from './verbs/up.ts';
import { addVerify } from './verbs/verify.ts';

/** Every verb, in the order of `--help`. */
const verbs = [
  ...[addDemo, addInit, addUp, addDown, addStatus, addDoctor],
  ...[addToken, addRun, addShow, addState, addSignal, addPause, addResume, addCancel],
  ...[addRuns, addThreads, addApprovals, addApprove, addReject],
  ...[addJournal, addVerify, addLineage, addRebuild],
  ...[addPolicy, addStreams, addBench, addTest],
];

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
