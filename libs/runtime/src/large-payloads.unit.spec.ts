import { describe, expect, it } from '@jest/globals';
import { MemoryObjectStore } from '@summit/objects';
import { defineTool } from '@summit/sdk';
import { z } from 'zod';
import { app, Scene } from './scene.fixture.ts';
import { type World } from './world.fixture.ts';

const scene = new Scene();
const MARKER = 'nobody may read this';
const large = MARKER.padEnd(300_000, '.');

/** A store whose puts wait until they are let go. */
function heldObjects(): { objects: MemoryObjectStore; puts: () => number; letGo: () => void } {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => (letGo = resolve));
  let puts = 0;
  const travel = (): Promise<void> => {
    puts += 1;
    return held;
  };
  return {
    objects: new MemoryObjectStore({ travel }),
    puts: () => puts,
    letGo: () => {
      letGo();
    },
  };
}

const echo = defineTool({
  name: 'echo',
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
  effect: 'idempotent',
  execute: (input) => input,
});
const echoes = app(async (ctx, { text }: { text: string }) => (await ctx.tool(echo, { text })).text, [echo]);
const small = app((_ctx, input) => Promise.resolve(input));

const journalText = (world: World): string => Buffer.concat(world.journal.groups).toString();

describe('a payload above 128 KiB', () => {
  it('[C1.2] [I9] travels as input, arguments, result and output; journal and objects hold it sealed', async () => {
    await scene.ready(echoes);
    const runId = await scene.world.start('work', { text: large });
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: large });
    expect(scene.world.objects.objects.size).toBeGreaterThan(1);
    expect(journalText(scene.world).length).toBeLessThan(50_000);
    for (const bytes of scene.world.objects.objects.values())
      expect(Buffer.from(bytes).includes(MARKER)).toBe(false);
  });

  it('[C1.1] is there again when the partition is led anew, in the middle of a run and after its end', async () => {
    await scene.ready(
      app(
        async (ctx, { text }: { text: string }) => {
          const said = await ctx.tool(echo, { text });
          await ctx.signal('go', z.null());
          return said.text === text ? said.text : 'something else';
        },
        [echo],
      ),
    );
    const runId = await scene.world.start('work', { text: large });
    await scene.world.until(() => scene.world.view(runId)['status'] === 'waiting');
    await scene.world.lead();
    scene.world.kill('e1');
    scene.world.executor(
      'e2',
      app(
        async (ctx, { text }: { text: string }) => {
          const said = await ctx.tool(echo, { text });
          await ctx.signal('go', z.null());
          return said.text === text ? said.text : 'something else';
        },
        [echo],
      ),
    );
    await scene.world.pass(3000);
    await scene.world.answer({ verb: 'run.signal', runId, name: 'go', payload: null });
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: large });
    await scene.world.lead();
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: large });
  });

  it('[C1.2] is durable before its commit; nothing is answered until then, and others are not held up', async () => {
    const { objects, puts, letGo } = heldObjects();
    await scene.ready(small, { objects });
    const heard = scene.world.submit({ verb: 'run.start', threadId: 't', workflow: 'work', input: large });
    await scene.world.until(() => puts() > 0);
    expect(await scene.world.ended(await scene.world.start('work', 'small'))).toMatchObject({
      output: 'small',
    });
    await scene.world.pass(1000);
    expect(heard).toEqual([]);
    letGo();
    await scene.world.until(() => heard.length > 0);
    const [answer] = heard;
    const runId = answer?.ok ? (answer.value as { runId: string }).runId : '';
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed', output: large });
  });

  it('is stored again for as long as its store is away', async () => {
    let lost = 3;
    const objects = new MemoryObjectStore({ putLost: () => lost-- > 0 });
    await scene.ready(small, { objects });
    const runId = await scene.world.start('work', large);
    expect(await scene.world.ended(runId)).toMatchObject({ status: 'completed' });
  });

  it('[C1.3] the same command while it is stored is answered alike, once', async () => {
    const { objects, puts, letGo } = heldObjects();
    await scene.ready(small, { objects });
    const body = { verb: 'run.start', threadId: 't', workflow: 'work', input: large } as const;
    const first = scene.world.submit(body, { commandId: 'same' });
    await scene.world.until(() => puts() > 0);
    const second = scene.world.submit(body, { commandId: 'same' });
    letGo();
    await scene.world.until(() => first.length + second.length === 2);
    expect(second[0]).toEqual({ ...first[0], repeated: true });
  });

  it('[I2] a leader that lost its partition meanwhile does not record it; the next answers the same command', async () => {
    const { objects, puts, letGo } = heldObjects();
    await scene.ready(small, { objects });
    const body = { verb: 'run.start', threadId: 't', workflow: 'work', input: large } as const;
    const lost = scene.world.submit(body, { commandId: 'same' });
    await scene.world.until(() => puts() > 0);
    await scene.world.lead();
    letGo();
    await scene.world.pass(8000);
    expect(lost).toMatchObject([{ ok: false, error: { code: 'OUTCOME_UNKNOWN' } }]);
    const answer = await scene.world.answer(body, { commandId: 'same' });
    expect(answer.ok).toBe(true);
  });
});

describe('a payload above the bound of one', () => {
  it('ends its run, which says why; the partition goes on', async () => {
    await scene.ready(app((ctx, { bytes }: { bytes: number }) => ctx.step('much', () => 'x'.repeat(bytes))));
    const runId = await scene.world.start('work', { bytes: 5_000_000 });
    const view = await scene.world.ended(runId);
    expect(view).toMatchObject({ status: 'failed', error: { code: 'FRAME_TOO_LARGE' } });
    expect(JSON.stringify(view['error'])).toContain('4194304');
    const after = await scene.world.start('work', { bytes: 10 });
    expect(await scene.world.ended(after)).toMatchObject({ status: 'completed' });
  });

  it('[C1.3] as an input is refused', async () => {
    await scene.ready(small);
    const answer = await scene.world.answer({
      verb: 'run.start',
      threadId: 't',
      workflow: 'work',
      input: 'x'.repeat(5_000_000),
    });
    expect(answer).toMatchObject({ ok: false, error: { code: 'PAYLOAD_TOO_LARGE', kind: 'invalid' } });
  });
});

describe('many payloads that are too much together', () => {
  it('end their run, though none of them is too large', async () => {
    await scene.ready(
      app(async (ctx) => {
        await ctx.all(
          Array.from({ length: 6 }, (_, i) => ctx.step(`s${String(i)}`, () => 'x'.repeat(120_000))),
        );
      }),
    );
    const runId = await scene.world.start('work', null);
    expect(await scene.world.ended(runId)).toMatchObject({
      status: 'failed',
      error: { code: 'FRAME_TOO_LARGE' },
    });
  });
});
