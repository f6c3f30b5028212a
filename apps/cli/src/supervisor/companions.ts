import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '@summit/kernel';
import { z } from 'zod';
import type { ServiceSpec } from './services.ts';
import type { StackPlan } from './stack-plan.ts';

/** In an app's directory, beside `summit.app.ts`; it may be missing. */
const FILE = 'summit.json';

const manifestSchema = z.strictObject({
  companions: z
    .array(
      z.strictObject({
        name: z.string().regex(/^[a-z][a-z0-9-]*$/),
        role: z.string().default('of the app'),
        /** Program and arguments; `node` is the Node that runs this. Paths are relative to the app's directory. */
        command: z.array(z.string()).min(1),
      }),
    )
    .default([]),
});

/**
 * What an app needs beside it: processes that start before its executors and end after them. Each is given a free port
 * of its own in `PORT` and says by its ready line where it listens; executors and later companions get that as
 * `SUMMIT_<NAME>_URL`. Throws `APP_INVALID`.
 */
export function companionsOf({ app }: StackPlan): ServiceSpec[] {
  if (app === undefined) return [];
  const file = join(app, FILE);
  if (!existsSync(file)) return [];
  return manifestOf(file).companions.map(({ name, role, command }) => ({
    name,
    role,
    command,
    env: {},
    natsUser: 'none',
    cwd: app,
    companion: true,
  }));
}

/** Where others are told that a companion listens. */
export const companionVariable = (name: string): string =>
  `SUMMIT_${name.toUpperCase().replaceAll('-', '_')}_URL`;

function manifestOf(file: string): z.infer<typeof manifestSchema> {
  try {
    return manifestSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : 'it is no JSON';
    throw new InvalidInputError(
      'APP_INVALID',
      `${file} can not be read: ${why}`,
      'It says {"companions": [{"name": "shop", "command": ["node", "shop.ts"]}]}.',
    );
  }
}
