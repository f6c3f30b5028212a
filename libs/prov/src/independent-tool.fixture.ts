/**
 * `prov`, the Python implementation of W3C PROV, as an independent reader of what we write. Fetched once by pip into
 * the project's cache, by digest; a wheel without dependencies, which Python runs as it is.
 */
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { onPath, repositoryRoot, withLock } from '@summit/servers';

const VERSION = '3.2.3';
const SHA256 = 'bc392921d2cc7e02e03312b2d00da6c7cfdaaee261f76a56f7c57d01f988164e';
const FETCH_MS = 120_000;
const run = promisify(execFile);

/** Reads a document from stdin in one notation and says what it found. */
const READ = `
import json, sys
from prov.model import ProvDocument
document = ProvDocument.deserialize(content=sys.stdin.read(), format=sys.argv[1])
counts = {}
for record in document.get_records():
    name = record.get_type().localpart
    counts[name] = counts.get(name, 0) + 1
print(json.dumps({'records': counts, 'provn': document.get_provn()}))
`;

/** What the tool makes of a document. */
export interface Understood {
  /** Number of records by their type: `Entity`, `Generation`… */
  readonly records: Readonly<Record<string, number>>;
  /** The document as the tool itself writes it. */
  readonly provn: string;
}

/** Has the tool read a document. Rejects with its own words where it does not accept it. */
export async function readByTool(format: 'provn' | 'json' | 'jsonld', text: string): Promise<Understood> {
  const wheel = await wheelFile();
  const python = onPath('python3') ?? 'python3';
  const env = { ...process.env, PYTHONPATH: wheel };
  const reading = run(python, ['-c', READ, format], { env, maxBuffer: 64 * 1024 * 1024 });
  reading.child.stdin?.end(text);
  const { stdout } = await reading;
  return JSON.parse(stdout) as Understood;
}

async function wheelFile(): Promise<string> {
  const dir = join(repositoryRoot, '.summit', 'tools', 'python-prov');
  const wheel = join(dir, `prov-${VERSION}-py3-none-any.whl`);
  mkdirSync(dir, { recursive: true });
  await withLock(join(dir, 'lock'), FETCH_MS, async () => {
    if (existsSync(wheel)) return;
    const requirements = join(dir, 'requirements.txt');
    writeFileSync(requirements, `prov==${VERSION} --hash=sha256:${SHA256}\n`);
    const options = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--disable-pip-version-check'];
    const pip = onPath('pip3') ?? 'pip';
    await run(pip, ['download', ...options, '-d', dir, '-r', requirements], { timeout: FETCH_MS });
  });
  const digest = createHash('sha256').update(readFileSync(wheel)).digest('hex');
  if (digest !== SHA256) throw new Error(`${wheel} is not the one that was pinned`);
  return wheel;
}
