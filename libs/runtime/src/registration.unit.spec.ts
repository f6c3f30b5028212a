import { describe, expect, it } from '@jest/globals';
import { policyTwin, twinAllow, twinDeny } from '@summit/policy';
import { defineTool } from '@summit/sdk';
import { z } from 'zod';
import { app, Scene } from './scene.fixture.ts';

const scene = new Scene();
const count = (n: number): number[] => Array.from({ length: n }, (_, i) => i);

/** Tools of which policy lets none be registered but the last. */
const tools = count(40).map((i) =>
  defineTool({
    name: `tool.${String(i)}`,
    input: z.object({}),
    output: z.string(),
    effect: 'idempotent',
    execute: () => String(i),
  }),
);
const last = tools.at(-1);

describe('the registration of what an executor announces', () => {
  it('[C5.1] goes on behind definitions that policy denies, and asks about each of them once', async () => {
    const asked: string[] = [];
    const policy = policyTwin(({ action }) => {
      if (action.kind !== 'catalogue.register') return twinAllow;
      asked.push(action.name);
      return action.name.startsWith('tool.') && action.name !== 'tool.39' ? twinDeny('not here') : twinAllow;
    });
    if (!last) throw new Error('no tool');
    await scene.ready(
      app((ctx) => ctx.tool(last, {}), tools),
      { policy },
    );
    expect(asked.toSorted()).toEqual([...tools.map(({ definition }) => definition.name), 'work'].toSorted());
    expect(await scene.world.ended(await scene.world.start('work', null))).toMatchObject({ output: '39' });
    const registered = scene.world.events().filter(({ type }) => type === 'ToolRegistered');
    expect(registered).toHaveLength(1);
  });
});
