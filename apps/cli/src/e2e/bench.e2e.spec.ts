import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { text as textOf } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { repositoryRoot } from '@summit/servers';
import { z } from 'zod';

const report = z.object({
  machine: z.looseObject({ cores: z.int() }),
  versions: z.record(z.string(), z.string()),
  figures: z.array(
    z.looseObject({
      id: z.string(),
      subject: z.string(),
      setting: z.string(),
      durability: z.string(),
      value: z.number(),
    }),
  ),
});

async function bench(...args: readonly string[]): Promise<{ code: unknown; out: string; err: string }> {
  const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
  const main = join(repositoryRoot, 'apps', 'cli', 'src', 'main.ts');
  const child = spawn(process.execPath, ['--import', hook, main, 'bench', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [out, err, code] = await Promise.all([
    textOf(child.stdout),
    textOf(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  return { code, out, err };
}

describe('summit bench', () => {
  it('measures a stack of its own and prints figures with their durability, no timing asserted', async () => {
    const { code, out } = await bench('--rounds', '1', '--peers', 'none', '--one-process', '--json');
    expect(code).toBe(0);
    const { figures, versions } = report.parse(JSON.parse(out));
    expect(figures.map(({ id }) => id)).toEqual([
      'seq_step_ms',
      'steps_per_s_50',
      'steps_per_s_200',
      'big_run_step_ms',
      'pure_step_ms',
    ]);
    expect(new Set(figures.map(({ subject }) => subject))).toEqual(new Set(['summit']));
    expect(figures.every(({ value }) => value > 0)).toBe(true);
    expect(figures.every(({ durability }) => durability.includes('synced'))).toBe(true);
    expect(versions).toMatchObject({ summit: expect.any(String), 'nats-server': expect.any(String) });
  });

  it('measures what it is asked for, and that alone', async () => {
    const asked = '--figures=tokens,decision';
    const { code, out } = await bench(asked, '--peers', 'none', '--json');
    expect(code).toBe(0);
    const { figures } = report.parse(JSON.parse(out));
    expect(figures.map(({ id }) => id)).toEqual([
      'decision_us',
      'decision_us',
      'ttft_overhead_ms',
      'tokens_per_s',
    ]);
    expect(figures.every(({ value }) => value > 0)).toBe(true);
  });

  it('names the figures that there are where one is not known', async () => {
    const { code, err } = await bench('--figures', 'engine,speed');
    expect(code).toBe(2);
    expect(err).toContain('no figures speed; there are: engine, sustained');
  });
});
