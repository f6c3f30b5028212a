import { isObject } from '@summit/kernel';
import type { Command } from 'commander';
import { z } from 'zod';
import { askGraph, withGraph } from '../graph-client.ts';
import { lineageText, peopleText } from '../lineage-text.ts';
import { type Given, type Outcome, runs, wrongUsage } from '../verb.ts';

const FORMATS = ['prov-n', 'prov-json', 'prov-jsonld', 'cypher'];
const facts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));
const caused = { tenant: z.string(), event: z.string(), at: z.string(), facts };

/** A lineage as the provenance-graph tells it. */
export const lineageSchema = z.object({
  start: z.array(z.string()),
  nodes: z.array(z.object({ id: z.string(), kind: z.string(), ...caused })),
  edges: z.array(z.object({ relation: z.string(), from: z.string(), to: z.string(), ...caused })),
  truncated: z.boolean(),
});

export function addLineage(program: Command): void {
  const command = program
    .command('lineage <id>')
    .description('what a run, an approval, an event or a node came from, or what came of it')
    .option('--format <format>', `${FORMATS.join(', ')} (default: a tree for people)`)
    .option('--direction <direction>', 'up (what it came from) or down (what came of it)', 'up')
    .option('--depth <n>', 'how many edges away');
  runs(withGraph(command), lineage);
}

async function lineage(given: Given): Promise<Outcome> {
  const direction = directionOf(given.text('direction'));
  const depth = given.count('depth');
  const format = given.text('format');
  if (format !== undefined && !FORMATS.includes(format)) {
    throw wrongUsage(`--format takes ${FORMATS.join(', ')}, not "${format}"`);
  }
  const query = new URLSearchParams({
    direction,
    format: format ?? 'json',
    ...(depth !== undefined && { depth: String(depth) }),
  });
  const path = `/v1/lineage/${encodeURIComponent(given.args[0] ?? '')}?${query.toString()}`;
  const answer = await askGraph(given, path);
  if (format === 'prov-n' || format === 'cypher') {
    const text = (await answer.text()).trimEnd();
    return { document: { ok: true, format, text }, text };
  }
  const document: unknown = await answer.json();
  if (format !== undefined && isObject(document)) {
    return { document, text: JSON.stringify(document, null, 2) };
  }
  const said = lineageSchema.parse(document);
  const text = [lineageText(said, direction), peopleText(said)].filter((part) => part !== '').join('\n\n');
  return { document: { ok: true, direction, ...said }, text };
}

function directionOf(text: string | undefined): 'up' | 'down' {
  if (text === 'up' || text === 'down') return text;
  throw wrongUsage(`--direction takes up or down, not "${text ?? ''}"`);
}
