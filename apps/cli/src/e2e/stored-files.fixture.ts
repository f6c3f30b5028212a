import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import { connectNats } from '@summit/journal-nats';
import { natsUrlAs } from '@summit/servers';
import { natsDataDir } from '../supervisor/stack-servers.ts';
import type { TestStack } from './stack.fixture.ts';

/** The files below a directory that hold a text. */
export function filesWith(text: string, dir: string): string[] {
  const entries = readdirSync(dir, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => readFileSync(file).includes(text));
}

/** Puts a text in clear into the store of a stack's NATS, so that the search is known to find. */
export function plant(stack: TestStack, text: string): Promise<void> {
  return plantAt(stack.process('nats').url ?? '', stack.plan.dataDir, text);
}

/** The same, by the address of the bus and the data directory of its stack. */
export async function plantAt(url: string, dataDir: string, text: string): Promise<void> {
  const nc = await connectNats(natsUrlAs(url, natsDataDir(dataDir), 'local'));
  await (await jetstreamManager(nc)).streams.add({ name: 'PLANTED', subjects: ['planted'] });
  await jetstream(nc).publish('planted', text);
  await nc.close();
}
