import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { InvalidInputError, isObject } from '@summit/kernel';
import { type App, defineApp } from '@summit/sdk';
import { lendOwnModules } from './app-modules.ts';

const FILE = 'summit.app.ts';

/** Loads the default export of a directory's `summit.app.ts`. Throws `APP_NOT_FOUND`, `APP_INVALID`. */
export async function loadApp(directory: string | undefined): Promise<App> {
  if (directory === undefined) return defineApp({ name: 'none', workflows: [] });
  const file = join(resolve(directory), FILE);
  if (!existsSync(file)) {
    throw new InvalidInputError(
      'APP_NOT_FOUND',
      `${directory} has no ${FILE}`,
      'Make one with `summit init`.',
    );
  }
  lendOwnModules();
  const loaded: unknown = await import(pathToFileURL(file).href);
  const app = isObject(loaded) ? loaded['default'] : undefined;
  if (isApp(app)) return app;
  throw new InvalidInputError(
    'APP_INVALID',
    `${file} does not export an app`,
    'Let its default export be defineApp({ name, workflows }).',
  );
}

function isApp(value: unknown): value is App {
  return (
    isObject(value) &&
    Array.isArray(value['workflows']) &&
    Array.isArray(value['tools']) &&
    isObject(value['models'])
  );
}
