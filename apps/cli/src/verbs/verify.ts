import { InvalidInputError, NotFoundError } from '@summit/kernel';
import { parseVerifierKey } from '@summit/transparency-log';
import { type NatsConnection } from '@nats-io/transport-node';
import type { Command } from 'commander';
import { type DecisionCheck, decisionCheck } from '../journal/check-decisions.ts';
import { readExport } from '../journal/export-reader.ts';
import { keysOf } from '../journal/keys.ts';
import { type JournalMaterial } from '../journal/material.ts';
import { Found } from '../journal/place.ts';
import { keyOf, readerConnection, stackMaterial } from '../journal/stack-material.ts';
import { type Verification, verificationText, verify } from '../journal/verification.ts';
import { dataDirOf } from '../supervisor/stack-plan.ts';
import { type Given, type Outcome, runs } from '../verb.ts';

export function addVerify(program: Command): void {
  const command = program
    .command('verify')
    .description(
      'check links, signatures, inclusion, consistency, completeness, and decide every decision again',
    )
    .option('--journal <file>', 'an export; without it the journal of the stack that is up')
    .option('--tenant <tenant>', 'whose logs are told (every link is checked)')
    .option('--run <id>', 'a run whose commits are to be found')
    .option('--key <key>', 'what the signatures are believed by, name+id+key (default: the key of --data)')
    .option('--data <dir>', 'where the stack keeps its data and keys (default: .summit/run)');
  runs(command, work);
}

async function work(given: Given): Promise<Outcome> {
  const dataDir = dataDirOf(given.text('data'));
  const file = given.text('journal');
  const nc = file === undefined ? await readerConnection(dataDir) : undefined;
  const keys = keysOf(dataDir);
  try {
    const decisions = keys && (await decisionCheck(keys.vault, nc));
    const found = await checked(given, { dataDir, file, nc, decisions });
    const run = given.text('run');
    if (found.ok && run !== undefined && found.run?.commits.length === 0) throw noSuchRun(run);
    const shown = ofTenant(found, given.text('tenant'));
    return { document: shown, text: verificationText(shown), exitCode: found.ok ? 0 : 1 };
  } finally {
    await keys?.close();
    await nc?.close();
  }
}

interface Source {
  readonly dataDir: string;
  readonly file: string | undefined;
  readonly nc: NatsConnection | undefined;
  readonly decisions: DecisionCheck | undefined;
}

async function checked(given: Given, { dataDir, file, nc, decisions }: Source): Promise<Verification> {
  const key = given.text('key');
  const trusted = key === undefined ? keyOf(dataDir) : parseVerifierKey(key).publicKey;
  let material: JournalMaterial | undefined;
  try {
    material = nc ? await stackMaterial(nc, dataDir) : await readExport(file ?? '');
    return await verify({ material, trusted, decisions, run: given.text('run') });
  } catch (error) {
    if (!(error instanceof Found)) throw readable(error, file);
    return { ok: false, partitions: [], tenants: [], faults: [error.fault], unchecked: [] };
  } finally {
    await material?.close();
  }
}

function ofTenant(found: Verification, tenant: string | undefined): Verification {
  if (tenant === undefined) return found;
  const tenants = found.tenants.filter((one) => one.tenant === tenant);
  if (found.ok && tenants.length === 0)
    throw new NotFoundError('LOG_NOT_FOUND', `${tenant} has no commits`, 'Look at the name.');
  return { ...found, tenants };
}

function readable(error: unknown, file: string | undefined): unknown {
  if (file === undefined || !(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT')
    return error;
  return new InvalidInputError(
    'FILE_NOT_FOUND',
    `there is no file ${file}`,
    'Make one: summit journal export --out FILE.',
  );
}

const noSuchRun = (run: string): NotFoundError =>
  new NotFoundError('RUN_NOT_FOUND', `the journal has no commit of ${run}`, 'Look at the id: summit runs.');
