import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { FileKeyStore, Vault } from '@summit/vault';

/** Opens commits, where the keys are there to be read. */
export interface OpenKeys {
  readonly vault: Vault;
  close(): Promise<void>;
}

/** The keys beside a journal; undefined where there are none: nothing is made there. */
export function keysOf(dataDir: string): OpenKeys | undefined {
  const directory = join(dataDir, 'keys');
  if (!existsSync(join(directory, 'master.key'))) return undefined;
  const store = new FileKeyStore(directory, { refreshMs: 0 });
  return { vault: new Vault(store), close: () => store.close() };
}
