import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repositoryRoot } from '@summit/servers';
import { z } from 'zod';

/** The runtime's version, of the root's package.json. */
export function productVersion(): string {
  const file = join(repositoryRoot, 'package.json');
  return z.object({ version: z.string() }).parse(JSON.parse(readFileSync(file, 'utf8'))).version;
}
