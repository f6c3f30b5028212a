import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DevelopmentTokens } from '@summit/platform';
import { type ReadModelUrls } from '@summit/read-models';
import { repositoryRoot, waitFor } from '@summit/servers';
import type { StackPlan } from '../supervisor/stack-plan.ts';
import type { ProcessState } from '../supervisor/stack-state.ts';
import { Supervisor } from '../supervisor/supervisor.ts';
import { Client, type TokenOf, type Who } from './client.fixture.ts';
import { World } from './world.fixture.ts';

/** How long a process that was killed may take until it serves again. */
const BACK_MS = 60_000;

export interface StartTestStack {
  readonly distributed?: boolean;
  /** A server of the test's own, which the supervisor does not bring back. */
  readonly natsUrl?: string;
  /** With the servers and services that follow the journal. */
  readonly derived?: boolean;
  /** Read models in a PostgreSQL of the test's own, which the supervisor does not bring back. */
  readonly readModels?: ReadModelUrls;
  /** Whose tokens its services believe; default those of its data directory. */
  readonly tokenOf?: TokenOf;
  /** What `policies/data.json` of the app says of its tenant. */
  readonly policy?: object;
}

/** A stack of real processes under the supervisor of `summit up`, its app outside of the repository, and a world. */
export class TestStack {
  readonly dir: string;
  readonly plan: StackPlan;
  readonly world: World;
  readonly #supervisor: Supervisor;
  readonly #tokenOf: TokenOf;
  client!: Client;

  private constructor(dir: string, plan: StackPlan, world: World, tokenOf: TokenOf) {
    this.dir = dir;
    this.plan = plan;
    this.world = world;
    this.#tokenOf = tokenOf;
    this.#supervisor = new Supervisor(plan, { version: 'test', log: () => undefined });
  }

  static async start({
    distributed = true,
    natsUrl,
    derived = false,
    readModels,
    tokenOf,
    policy,
  }: StartTestStack = {}): Promise<TestStack> {
    const dir = mkdtempSync(join(tmpdir(), 'summit-e2e-'));
    const app = join(dir, 'app');
    cpSync(join(repositoryRoot, 'apps', 'cli', 'fixtures', 'e2e-app'), app, { recursive: true });
    if (policy) {
      mkdirSync(join(app, 'policies'));
      writeFileSync(join(app, 'policies', 'data.json'), JSON.stringify({ tenant: policy }));
    }
    const plan: StackPlan = {
      dataDir: join(dir, 'data'),
      app,
      distributed,
      partitions: 2,
      apiPort: 0,
      natsPort: 0,
      tenant: 'acme',
      ...(!derived && { only: 'core' as const }),
    };
    const signs: TokenOf = tokenOf ?? ((who) => new DevelopmentTokens(plan.dataDir).sign(who));
    const stack = new TestStack(dir, plan, await World.start(), signs);
    try {
      if (natsUrl !== undefined) process.env['SUMMIT_NATS_URL'] = natsUrl;
      if (readModels) process.env['SUMMIT_POSTGRES_URL'] = readModels.projector;
      if (readModels) process.env['SUMMIT_POSTGRES_QUERY_URL'] = readModels.query;
      await stack.#supervisor.start();
      stack.client = await stack.as({});
      await stack.#untilServing();
      return stack;
    } catch (error) {
      await stack.stop();
      throw error;
    } finally {
      if (natsUrl !== undefined) delete process.env['SUMMIT_NATS_URL'];
      if (readModels) delete process.env['SUMMIT_POSTGRES_URL'];
      if (readModels) delete process.env['SUMMIT_POSTGRES_QUERY_URL'];
    }
  }

  /** The api as another user, or another tenant. */
  as(who: Who): Promise<Client> {
    const url = this.process(this.plan.distributed ? 'api' : 'host').url ?? '';
    return Client.by(url, this.#tokenOf, who);
  }

  process(name: string): ProcessState {
    const found = this.#supervisor.state.processes.find((one) => one.name === name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  }

  /** SIGKILL. */
  kill(name: string): void {
    const { pid } = this.process(name);
    if (pid === null || pid <= 0) throw new Error(`${name} does not run`);
    process.kill(pid, 'SIGKILL');
  }

  /** Returns when the supervisor has started it again. */
  async back(name: string, restarts: number): Promise<void> {
    const look = (): true | undefined => {
      const { health, restarts: times } = this.process(name);
      return health === 'healthy' && times >= restarts ? true : undefined;
    };
    const seen = await waitFor(look, { deadlineMs: BACK_MS });
    if (!seen) throw new Error(`${name} did not come back`);
  }

  async stop(): Promise<void> {
    await this.#supervisor.stop();
    await this.world.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }

  /** Executors introduce themselves a moment after they are ready. */
  async #untilServing(): Promise<void> {
    const start = { workflow: 'big', input: { bytes: 1 } };
    let last: unknown;
    const ok = await waitFor(
      async () => {
        const { status, body } = await this.client.post('/v1/runs?wait=5', start);
        last = body;
        return status === 201 && body.status === 'completed' ? true : undefined;
      },
      { deadlineMs: 30_000, everyMs: 100 },
    );
    if (!ok) throw new Error(`no executor serves the app: ${JSON.stringify(last)}`);
  }
}
