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
export async function plant(stack: TestStack, text: string): Promise<void> {
  const nats = natsDataDir(stack.plan.dataDir);
  const nc = await connectNats(natsUrlAs(stack.process('nats').url ?? '', nats, 'local'));
  await (await jetstreamManager(nc)).streams.add({ name: 'PLANTED', subjects: ['planted'] });
  await jetstream(nc).publish('planted', text);
  await nc.close();
}
