import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  globSync,
} from 'node:fs';
import { join } from 'node:path';
import { isObject } from '@summit/kernel';
import { withLock } from '../process/lock.ts';
import type { Component, Progress, Source } from './component.ts';

/** What a cached program is; stands beside it as `manifest.json`. */
interface Manifest {
  readonly source: string;
  readonly version: string;
  /** Relative to the manifest. */
  readonly program: string;
  /** SHA-256 of every file that was fetched, by path: a changed file is not run. */
  readonly digest: string;
}

/** A program in the cache that is as it was fetched. */
export interface CachedProgram {
  readonly program: string;
  readonly version: string;
  readonly dir: string;
}

const FILL_MS = 600_000;

/** The component in the cache; undefined where it is not there, is another version, or has changed since. */
export function cached(tools: string, component: Component): CachedProgram | undefined {
  for (const source of component.sources) {
    const dir = join(tools, component.name, source.version);
    const manifest = readManifest(join(dir, 'manifest.json'));
    if (manifest?.digest === digestOf(dir)) {
      return { program: join(dir, manifest.program), version: manifest.version, dir };
    }
  }
  return undefined;
}

/**
 * Fetches a component into the cache. Safe when several do so at once: one fetches, the others wait for it.
 * It appears whole or not at all.
 */
export async function fill(
  tools: string,
  component: Component,
  source: Source,
  progress: Progress,
): Promise<CachedProgram> {
  const home = join(tools, component.name);
  mkdirSync(home, { recursive: true });
  return withLock(join(home, 'lock'), FILL_MS, async () => {
    const already = cached(tools, component);
    if (already) return already;
    progress(`fetching ${component.title}: ${source.title}`);
    const draft = mkdtempSync(join(home, 'draft-'));
    try {
      const program = await source.fetch(draft, progress);
      if (!existsSync(join(draft, program))) throw new Error(`${source.title} brought no ${program}`);
      return keep(draft, join(home, source.version), { source, program });
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  });
}

function keep(
  draft: string,
  dir: string,
  { source, program }: { source: Source; program: string },
): CachedProgram {
  const { title, version } = source;
  const manifest: Manifest = { source: title, version, program, digest: digestOf(draft) };
  writeFileSync(join(draft, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  rmSync(dir, { recursive: true, force: true });
  renameSync(draft, dir);
  return { program: join(dir, program), version, dir };
}

function digestOf(dir: string): string {
  const whole = createHash('sha256');
  for (const name of globSync('**', { cwd: dir }).sort()) {
    const file = join(dir, name);
    if (name === 'manifest.json' || !statSync(file).isFile()) continue;
    const digest = createHash('sha256').update(readFileSync(file)).digest('hex');
    whole.update(`${digest}  ${name}\n`);
  }
  return whole.digest('hex');
}

function readManifest(file: string): Manifest | undefined {
  try {
    const content: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (!isObject(content)) return undefined;
    const { source, version, program, digest } = content;
    const texts = [source, version, program, digest];
    if (!texts.every((text) => typeof text === 'string')) return undefined;
    return {
      source: String(source),
      version: String(version),
      program: String(program),
      digest: String(digest),
    };
  } catch {
    return undefined;
  }
}
