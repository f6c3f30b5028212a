/**
 * Peers are programs of their own under `bench/peers/`, with packages of their own that are installed when first asked
 * for. They answer one JSON document a line on stdout to one workload a line on stdin (`peers/serve.mjs`).
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { z } from 'zod';
import type { About, Contestant } from './contestant.ts';
import type { Round, Workload } from './workload.ts';

export const peerNames = ['restate', 'dbos', 'langgraph'] as const;
export type PeerName = (typeof peerNames)[number];

const peersDir = join(import.meta.dirname, '..', 'peers');
/** How long a peer may take to end its servers. */
const STOP_MS = 15_000;

const about = z.object({
  versions: z.record(z.string(), z.string()),
  setting: z.string(),
  durability: z.string(),
});
const round = z.record(z.string(), z.object({ value: z.number(), p50: z.number(), p99: z.number() }));

/** Installs the peers' packages from their lockfile, once for each version of it. */
export async function installPeers(progress: (line: string) => void): Promise<void> {
  const lockfile = readFileSync(join(peersDir, 'package-lock.json'), 'utf8');
  const installed = join(peersDir, 'node_modules', '.installed-lock.json');
  if (existsSync(installed) && readFileSync(installed, 'utf8') === lockfile) return;
  progress('installing the peers (npm ci in bench/peers)');
  const npm = spawn('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: peersDir,
    stdio: ['ignore', 2, 2],
  });
  await once(npm, 'exit');
  if (npm.exitCode !== 0) throw new Error(`npm ci failed in ${peersDir}; its own words stand above`);
  writeFileSync(installed, lockfile);
}

/** Starts a peer and waits until it is ready to be measured. */
export async function startPeer(name: PeerName): Promise<Contestant> {
  const child = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(peersDir, `${name}.mjs`)],
    {
      cwd: peersDir,
      stdio: ['pipe', 'pipe', 'inherit'],
      // Ctrl-C in a terminal is not for it nor for its servers: it ends them in order when its stdin ends.
      detached: true,
    },
  );
  const peer = new PeerProcess(name, child);
  try {
    const said: About = about.parse(await peer.nextDocument());
    return { name, about: said, measure: (workload) => peer.measure(workload), stop: () => peer.stop() };
  } catch (error) {
    await peer.stop();
    throw error;
  }
}

class PeerProcess {
  readonly #name: string;
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #documents: AsyncIterator<string, undefined>;

  constructor(name: string, child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#name = name;
    this.#child = child;
    this.#documents = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  async nextDocument(): Promise<unknown> {
    const { value, done } = await this.#documents.next();
    if (done) throw new Error(`${this.#name} ended before it answered; its own words stand above`);
    const document: unknown = JSON.parse(value);
    return document;
  }

  async measure(workload: Workload): Promise<Round> {
    this.#child.stdin.write(`${JSON.stringify(workload)}\n`);
    return round.parse(await this.nextDocument());
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const ended = once(this.#child, 'exit');
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    this.#child.stdin.end();
    await ended;
    clearTimeout(deadline);
  }
}
