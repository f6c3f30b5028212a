/**
 * Real servers for the levels that need them, one of each for the whole run; specs isolate themselves by name.
 * Their URLs reach the specs as `SUMMIT_TEST_<SERVER>_URL`. A spec that kills or fills a server starts its own.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** In the order in which they start; they stop in the opposite one. */
const kinds = [
  {
    variable: 'SUMMIT_TEST_NATS_URL',
    start: async (dataDir) =>
      (await import('@summit/servers')).startNats({ dataDir, name: 'test', progress: say }),
  },
];

const say = (text) => process.stderr.write(`${text}\n`);

export async function startServers() {
  const dir = mkdtempSync(join(tmpdir(), 'summit-test-'));
  const running = [];
  const stop = async () => {
    for (const server of running.reverse()) await server.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const env = {};
    for (const { variable, start } of kinds) {
      const server = await start(join(dir, variable.toLowerCase()));
      running.push(server);
      env[variable] = server.url;
    }
    return { env, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
