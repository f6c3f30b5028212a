import { resolve } from 'node:path';
import type { Command } from 'commander';
import { launch } from '../supervisor/launch.ts';
import { productVersion } from '../supervisor/product-version.ts';
import { dataDirOf, onlyOf, type StackPlan } from '../supervisor/stack-plan.ts';
import { readStackState } from '../supervisor/stack-state.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { type Given, type Outcome, runs } from '../verb.ts';
import { statusDocument, statusText } from './status-text.ts';

const DEFAULT_PARTITIONS = 1;
const DEFAULT_API_PORT = 4000;
const DEFAULT_NATS_PORT = 4222;

export function addUp(program: Command): void {
  const command = program
    .command('up')
    .description('start the servers and services; returns when all are ready')
    .option('--app <dir>', 'the directory of your summit.app.ts')
    .option('--distributed', 'each service a process of its own')
    .option('--data <dir>', 'where the stack keeps its data (default: .summit/run)')
    .option('--foreground', 'stay until Ctrl-C')
    .option('--partitions <n>', 'number of partitions of a new deployment (default: 1)')
    .option('--port <port>', 'port of the HTTP API; another is chosen where it is in use (default: 4000)')
    .option('--nats-port <port>', 'port of NATS; another is chosen where it is in use (default: 4222)')
    .option('--tenant <name>', 'tenant of development', 'acme')
    .option('--only <part>', 'core: without PostgreSQL, Neo4j and what fills them (SUMMIT_ONLY)')
    .option('--services <file>', 'a JSON file that lists other services to start');
  runs(command, (given) => (given.flag('foreground') ? foreground(given) : background(given)));
}

function planOf(given: Given): StackPlan {
  const app = given.text('app');
  const servicesFile = given.text('services');
  return {
    dataDir: dataDirOf(given.text('data')),
    ...(app !== undefined && { app: resolve(app) }),
    distributed: given.flag('distributed'),
    partitions: given.count('partitions') ?? DEFAULT_PARTITIONS,
    apiPort: given.count('port') ?? DEFAULT_API_PORT,
    natsPort: given.count('natsPort') ?? DEFAULT_NATS_PORT,
    tenant: given.text('tenant') ?? 'acme',
    ...onlyOf(given.text('only')),
    ...(servicesFile !== undefined && { servicesFile: resolve(servicesFile) }),
  };
}

async function background(given: Given): Promise<Outcome> {
  const { state, started } = await launch(planOf(given), given.progress);
  const document = { ...statusDocument(state.dataDir, state), started };
  return { document, text: `${started ? '' : 'it runs already\n'}${statusText(document)}` };
}

/** The stack in this process: it ends with Ctrl-C, and by its watchdogs where this process is killed. */
async function foreground(given: Given): Promise<Outcome> {
  const plan = planOf(given);
  const supervisor = new Supervisor(plan, { version: productVersion(), log: given.progress });
  const asked = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const started = supervisor.start().then(() => {
    const text = statusText(statusDocument(plan.dataDir, readStackState(plan.dataDir)));
    process.stderr.write(`${text}\n`);
  });
  await Promise.race([asked, started]);
  await asked;
  await supervisor.stop();
  return { document: { ok: true, dataDir: plan.dataDir }, text: '' };
}
