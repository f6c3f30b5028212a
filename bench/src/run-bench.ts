/** The bench: its parts one after another, each with what it needs, nothing else running. */
import { type Given, Lab } from './lab.ts';
import { describeMachine } from './machine.ts';
import { type PartName, partNames, parts } from './parts.ts';
import { installPeers } from './peers.ts';
import type { BenchReport, Figure } from './report.ts';
import { standardWorkload } from './workload.ts';

export interface BenchOptions
  extends Pick<Given, 'start' | 'settings' | 'peers'>, Partial<Pick<Given, 'workload' | 'progress'>> {
  /** Default `engine` alone. Measured in the bench's order. */
  readonly parts?: readonly PartName[];
  /** Default 3, the fewest of which a median says anything. */
  readonly rounds?: number;
}

/** Runs the bench. Whatever it started has ended when this returns or throws. */
export async function runBench({
  parts: asked = ['engine'],
  ...options
}: BenchOptions): Promise<BenchReport> {
  const given = { rounds: 3, workload: standardWorkload, progress: () => undefined, ...options };
  if (given.peers.length > 0) await installPeers(given.progress);
  const versions: Record<string, string> = { node: process.versions.node };
  const figures: Figure[] = [];
  for (const name of partNames.filter((part) => asked.includes(part))) {
    await using lab = new Lab(given);
    figures.push(...(await parts[name].measure(lab)));
    Object.assign(versions, lab.versions);
  }
  return { machine: describeMachine(), versions, figures };
}
