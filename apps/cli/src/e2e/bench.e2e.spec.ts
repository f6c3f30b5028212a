import { spawn } from 'node:child_process';
import { join } from 'node:path';
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

describe('summit bench', () => {
  it('measures a stack of its own and prints figures with their durability, no timing asserted', async () => {
    const hook = join(repositoryRoot, 'tools', 'decorators.mjs');
    const main = join(repositoryRoot, 'apps', 'cli', 'src', 'main.ts');
    const args = ['bench', '--rounds', '1', '--peers', 'none', '--one-process', '--json'];
    const child = spawn(process.execPath, ['--import', hook, main, ...args], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    let stdout = '';
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString('utf8')));
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(0);
    const { figures, versions } = report.parse(JSON.parse(stdout));
    expect(figures.map(({ id }) => id)).toEqual(
      expect.arrayContaining([
        'seq_step_ms',
        'steps_per_s_50',
        'steps_per_s_200',
        'big_run_step_ms',
        'pure_step_ms',
      ]),
    );
    expect(new Set(figures.map(({ subject }) => subject))).toEqual(new Set(['summit']));
    expect(figures.every(({ value }) => value > 0)).toBe(true);
    expect(figures.every(({ durability }) => durability.includes('synced'))).toBe(true);
    expect(versions).toMatchObject({ summit: expect.any(String), 'nats-server': expect.any(String) });
  });
});
