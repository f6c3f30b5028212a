import { RetryableError, TerminalError } from '@summit/kernel';
import type { Command } from 'commander';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { z } from 'zod';
import { askGraph, withGraph } from '../graph-client.ts';
import { type Given, type Outcome, runs } from '../verb.ts';

const digestSchema = z.object({ digest: z.string(), nodes: z.int(), edges: z.int() });
const rebuiltSchema = z.object({ before: digestSchema, after: digestSchema });
type Rebuilt = z.infer<typeof rebuiltSchema>;
const lineSchema = z.union([
  z.object({ done: z.int(), all: z.int() }),
  rebuiltSchema,
  z.object({ error: z.object({ code: z.string(), message: z.string(), next: z.string().optional() }) }),
]);

/** Between two lines for people, milliseconds. */
const TELL_MS = 1000;

export function addRebuildGraph(rebuild: Command): void {
  const command = rebuild.command('graph').description('the PROV graph in Neo4j');
  runs(withGraph(command), work);
}

async function work(given: Given): Promise<Outcome> {
  const { before, after } = await rebuilt(given);
  const ok = before.digest === after.digest;
  const text = [
    `${String(after.nodes)} nodes, ${String(after.edges)} edges`,
    `before  ${before.digest}`,
    `after   ${after.digest}`,
    ok ? 'equal' : 'NOT EQUAL: the graph before was not what the journal makes',
  ].join('\n');
  return { document: { ok, before, after }, text, exitCode: ok ? 0 : 1 };
}

/** Follows the rebuild line by line, and says how far it is. */
async function rebuilt(given: Given): Promise<Rebuilt> {
  const { body } = await askGraph(given, '/v1/rebuild', { method: 'POST' });
  let told = 0;
  if (body) {
    for await (const text of createInterface({ input: Readable.fromWeb(body) })) {
      const line = lineSchema.parse(JSON.parse(text));
      if ('before' in line) return line;
      if ('error' in line)
        throw new TerminalError(line.error.code, line.error.message, line.error.next ?? '');
      if (performance.now() - told < TELL_MS) continue;
      told = performance.now();
      given.progress(`${String(line.done)} of ${String(line.all)} groups`);
    }
  }
  const next = 'Look whether it runs (summit status), then rebuild again.';
  throw new RetryableError('GRAPH_SERVICE_UNREACHABLE', 'the provenance-graph went away meanwhile', next);
}
