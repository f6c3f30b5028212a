import { askGraph } from '../graph-client.ts';
import { lineageText } from '../lineage-text.ts';
import { lineageSchema } from '../verbs/lineage.ts';
import { type Scene } from './scene.ts';

/** Far enough for the whole of a small run. */
const DEPTH = 12;

/** What the refund came from, from Neo4j, and how much of the run is in the graph. */
export async function refundLineage(
  scene: Scene,
  runId: string,
): Promise<{ nodes: number; edges: number; text: string }> {
  const whole = await lineage(scene, runId);
  const refund = attemptOf(whole, 'payments.refund');
  const text = refund === undefined ? '' : lineageText(await lineage(scene, refund), 'up');
  return { nodes: whole.nodes.length, edges: whole.edges.length, text };
}

async function lineage(scene: Scene, id: string): Promise<ReturnType<typeof lineageSchema.parse>> {
  const path = `/v1/lineage/${encodeURIComponent(id)}?direction=up&format=json&depth=${String(DEPTH)}`;
  const answer = await askGraph(scene.as('developer'), path);
  return lineageSchema.parse(await answer.json());
}

/** The last attempt of what bears a name. */
function attemptOf({ nodes }: ReturnType<typeof lineageSchema.parse>, name: string): string | undefined {
  return nodes
    .filter(({ kind, facts }) => kind === 'Attempt' && facts['name'] === name)
    .map(({ id }) => id)
    .toSorted()
    .at(-1);
}
