import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from '@jest/globals';
import { FileKeyStore } from './file-key-store.ts';
import { keyStoreSuite } from './key-store.suite.ts';
import { MemoryKeyStore } from './memory-key-store.ts';

const made: string[] = [];
afterAll(() => {
  for (const directory of made) rmSync(directory, { recursive: true, force: true });
});

keyStoreSuite('the in-memory twin', { fresh: () => Promise.resolve(new MemoryKeyStore()) });

keyStoreSuite('a directory', {
  fresh: () => {
    const directory = mkdtempSync(join(tmpdir(), 'summit-keys-'));
    made.push(directory);
    return Promise.resolve(new FileKeyStore(join(directory, 'keys')));
  },
});
