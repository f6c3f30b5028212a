import type { Command } from 'commander';
import { play, type Played } from '../demo/demo.ts';
import { Scene } from '../demo/scene.ts';
import { type Given, type Outcome, runs } from '../verb.ts';

export function addDemo(program: Command): void {
  const command = program
    .command('demo')
    .description('everything from nothing: a refund that policy stops, a person approves, a crash interrupts')
    .option('--keep', 'leave the stack up, to look around; it says how to end it');
  runs(command, demo);
}

async function demo(given: Given): Promise<Outcome> {
  const startedAt = Date.now();
  const scene = await Scene.start(given);
  const interrupt = (): void => {
    void scene.end().finally(() => process.exit(1));
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  let played: Played;
  try {
    played = await play(scene, given, startedAt);
  } catch (error) {
    if (!given.flag('keep')) await scene.end();
    throw error;
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
  const kept = given.flag('keep') ? { dataDir: scene.dataDir } : undefined;
  const text = demoText(played, kept?.dataDir);
  if (!kept) await scene.end();
  return { document: { ...played.report, ...kept }, text, exitCode: played.report.ok ? 0 : 1 };
}

function demoText({ report, lineage }: Played, kept: string | undefined): string {
  const { runId, effects, approval, journal, audit, provenance, ms, urls } = report;
  const look = `look around   ./summit show ${runId} --data ${kept ?? ''}`;
  return [
    '',
    'what the refund came from, by Neo4j:',
    lineage,
    '',
    `run           ${runId}: ${String(report.steps)} steps`,
    `effects       refunds ${String(effects.refunds)}, mails ${String(effects.emails)}, by the shop's own books`,
    `approval      ${approval.id}: ${approval.decision}${approval.modified ? ', with an amount of the reviewer' : ''}`,
    `crash         1 executor killed in the middle; the other one called again after ${String(ms.resume)} ms`,
    `journal       ${String(journal.commits)} commits in ${String(journal.groups)} groups, ${String(journal.events)} events`,
    `audit         ${audit.verified ? 'verified' : 'NOT verified'}: ${String(audit.treeSize)} leaves under a signed root`,
    `provenance    ${String(provenance.nodes)} nodes, ${String(provenance.edges)} edges of this run`,
    ...(kept === undefined
      ? []
      : [
          `api           ${urls.api ?? ''}/docs`,
          `Neo4j         ${urls.neo4jBrowser ?? ''}`,
          look,
          `end it        ./summit down --data ${kept}`,
        ]),
    `${report.ok ? 'all is right' : 'SOMETHING IS WRONG'}, in ${(ms.total / 1000).toFixed(1)} s`,
  ].join('\n');
}
