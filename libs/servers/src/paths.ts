import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The root of the repository: where `summit`, `deploy/` and `.summit/` lie. */
export const repositoryRoot = fileURLToPath(new URL('../../../', import.meta.url));

/** Programs that were fetched once. `SUMMIT_TOOLS_DIR` names another place, for images that bring them. */
export function toolsDir(env: NodeJS.ProcessEnv = process.env): string {
  return env['SUMMIT_TOOLS_DIR'] ?? join(repositoryRoot, '.summit', 'tools');
}
