/** The stack of the demo: services apart, the refund example in them, data of its own. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { endProcess, repositoryRoot, waitFor } from '@summit/servers';
import { TENANT } from '../api-client.ts';
import { launch } from '../supervisor/launch.ts';
import { readStackState, type StackState } from '../supervisor/stack-state.ts';
import { type Given } from '../verb.ts';
import { stuck } from './shop.ts';

const API_PORT = 4000;
const NATS_PORT = 4222;
const STOP_MS = 60_000;
/** How long projections may take to catch up, milliseconds. */
const CAUGHT_UP_MS = 60_000;

export class Scene {
  readonly dataDir: string;
  readonly #given: Given;
  readonly #supervisor: StackState['supervisor'];

  private constructor(dataDir: string, given: Given, supervisor: StackState['supervisor']) {
    this.dataDir = dataDir;
    this.#given = given;
    this.#supervisor = supervisor;
  }

  static async start(given: Given): Promise<Scene> {
    const demos = join(repositoryRoot, '.summit', 'demo');
    mkdirSync(demos, { recursive: true });
    const dataDir = mkdtempSync(join(demos, 'run-'));
    const plan = {
      dataDir,
      app: join(repositoryRoot, 'examples', 'refund'),
      distributed: true,
      partitions: 1,
      apiPort: API_PORT,
      natsPort: NATS_PORT,
      tenant: TENANT,
    };
    const { state } = await launch(plan, given.progress);
    return new Scene(dataDir, given, state.supervisor);
  }

  get state(): StackState {
    const state = readStackState(this.dataDir);
    if (state) return state;
    throw stuck('the stack has ended');
  }

  /** Where a process listens; of what a process serves besides, by its name. */
  url(name: string): string | null {
    const { processes } = this.state;
    const own = processes.find((process) => process.name === name)?.url;
    return own ?? processes.map(({ urls }) => urls?.[name]).find((url) => url !== undefined) ?? null;
  }

  /** What a verb would be given to act here as somebody. */
  as(user: string): Given {
    const options = new Map([
      ['data', this.dataDir],
      ['as', user],
    ]);
    return { ...this.#given, text: (option) => options.get(option) };
  }

  /** Groups of the journal that a projection still lacks, once it lacks none; what it lacks after a while. */
  async lag(service: string, gauge: string): Promise<number> {
    let lag = Number.NaN;
    const look = async (): Promise<true | undefined> => {
      const metrics = await (await fetch(`${this.url(service) ?? ''}/metrics`)).text();
      const values = [...metrics.matchAll(new RegExp(`^${gauge}\\{[^}]*\\} (\\d+)$`, 'gm'))];
      lag = values.reduce((sum, [, value]) => sum + Number(value), 0);
      return values.length > 0 && lag === 0 ? true : undefined;
    };
    await waitFor(look, { deadlineMs: CAUGHT_UP_MS, everyMs: 100 });
    return lag;
  }

  /** Ends every process; nothing of it is left. */
  async end(): Promise<void> {
    await endProcess(this.#supervisor, 'SIGTERM', STOP_MS);
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}
