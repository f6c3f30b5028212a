import { afterEach, beforeEach, expect } from '@jest/globals';
import { type App, type Context, defineApp, defineWorkflow, type Tool } from '@summit/sdk';
import { invariants } from './invariants.fixture.ts';
import { type Life, Outside } from './outside.fixture.ts';
import { holdTime, World, type WorldOptions } from './world.fixture.ts';

type Body = (ctx: Context, input: never) => Promise<unknown>;

/** One workflow named `work`, and its tools. */
export function app(body: Body, tools: readonly Tool[] = [], version = '1'): App {
  const run = body as (ctx: Context, input: unknown) => Promise<unknown>;
  return defineApp({ name: 'test', workflows: [defineWorkflow({ name: 'work', version, tools }, run)] });
}

export const alive = (): Life => ({ dead: false });

/** A partition for each test; afterwards its journal holds nothing that must not be there. */
export class Scene {
  world = new World();
  outside = new Outside();

  constructor() {
    beforeEach(() => {
      holdTime();
      this.world = new World();
      this.outside = new Outside();
    });
    afterEach(() => {
      const broken = invariants(this.world);
      this.world.close();
      expect(broken).toEqual([]);
    });
  }

  /** A leader and one executor, ready. */
  async ready(served: App, options?: WorldOptions): Promise<void> {
    if (options) this.world = new World(options);
    await this.world.lead();
    this.world.executor('e1', served);
    await this.world.pass(60);
  }

  /** Types of a run's events, in order. */
  types(runId: string): string[] {
    return this.world.events(runId).map(({ type }) => type);
  }
}
