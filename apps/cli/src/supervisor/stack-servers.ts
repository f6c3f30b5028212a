import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '@nats-io/transport-node';
import { provisionReadModels, type ReadModelUrls } from '@summit/read-models';
import {
  appDatabase,
  applyStreams,
  type NatsServer,
  type Neo4jServer,
  natsOptions,
  type Progress,
  type RunningServer,
  startNats,
  startNeo4j,
  startPostgres,
} from '@summit/servers';
import type { ServiceSpec } from './services.ts';
import type { StackPlan } from './stack-plan.ts';

/** Wanted; another is chosen where it is in use. */
const POSTGRES_PORT = 5432;

const NEO4J_PORTS = { boltPort: 7687, httpPort: 7474 };

/** Where the Neo4j of a stack keeps its data and its password. */
export function neo4jDataDir(dataDir: string): string {
  return join(dataDir, 'neo4j');
}

/** A server that serves; {@link prepare} makes what services want to find in it. */
export interface StackServer {
  readonly server: RunningServer;
  prepare(): Promise<void>;
  /** After it was started again: makes anew what it kept in memory alone. */
  readonly again?: () => Promise<void>;
  /** What a service is told about it. */
  env(service: ServiceSpec): Readonly<Record<string, string>>;
}

/** How a stack gets one of its servers. */
export interface StackServerKind {
  readonly name: string;
  /** Holds what is derived from the journal: left out with `--only core`. */
  readonly derived?: true;
  start(plan: StackPlan, progress: Progress): Promise<StackServer>;
}

/** Where the bus of a stack keeps its data and its users' passwords. */
export function natsDataDir(dataDir: string): string {
  return join(dataDir, 'nats');
}

const bus: StackServerKind = {
  name: 'nats',
  async start(plan, progress) {
    const { dataDir, natsPort } = plan;
    const server = await startNats({
      dataDir: natsDataDir(dataDir),
      port: natsPort,
      // Who comes without a password is a client: it sends its own commands and hears its tenant's events.
      anonymous: 'developer',
      progress,
    });
    return {
      server,
      prepare: () => prepareBus(server, plan),
      again: () => prepareBus(server, plan), // streams in memory have gone with the process
      env: ({ natsUser }) => (natsUser === 'none' ? {} : { SUMMIT_NATS_URL: server.urlAs(natsUser) }),
    };
  },
};

/** Makes the streams, or refuses where the deployment was made with others. */
async function prepareBus(nats: NatsServer, { partitions }: StackPlan): Promise<void> {
  const nc = await connect({ ...natsOptions(nats.urlAs('operator')), name: 'summit up' });
  try {
    await applyStreams(nc, { partitions });
  } finally {
    await nc.close();
  }
}

/** Where a stack keeps how its services reach the read models. */
export function readModelsFile(dataDir: string): string {
  return join(dataDir, 'read-models.json');
}

const readModels: StackServerKind = {
  name: 'postgres',
  derived: true,
  async start({ dataDir, apiPort, app }, progress) {
    const port = apiPort === 0 ? {} : { port: POSTGRES_PORT };
    const server = await startPostgres({ dataDir: join(dataDir, 'postgres'), ...port, progress });
    let urls: ReadModelUrls | undefined;
    let appUrl: string | undefined;
    return {
      server,
      prepare: async () => {
        urls = await provisionReadModels(server.url);
        writeFileSync(readModelsFile(dataDir), JSON.stringify(urls), { mode: 0o600 });
        if (app !== undefined) appUrl = await appDatabase(server.url);
      },
      env: (service) => ({
        ...(urls && isOneOf(service, 'api', 'host') && readModelEnv(urls)),
        ...(appUrl !== undefined && runsTheApp(service) && { SUMMIT_APP_POSTGRES_URL: appUrl }),
      }),
    };
  },
};

const readModelEnv = ({ projector, query }: ReadModelUrls): Record<string, string> => ({
  SUMMIT_POSTGRES_URL: projector,
  SUMMIT_POSTGRES_QUERY_URL: query,
});

const isOneOf = ({ name }: ServiceSpec, ...names: readonly string[]): boolean => names.includes(name);

/** Executors, and the app's companions: they may have the database that is the app's own. */
const runsTheApp = (service: ServiceSpec): boolean =>
  service.companion === true || service.name.startsWith('executor-') || service.name === 'host';

const graph: StackServerKind = {
  name: 'neo4j',
  derived: true,
  async start({ dataDir, apiPort }, progress) {
    const ports = apiPort === 0 ? {} : NEO4J_PORTS;
    const server = await startNeo4j({ dataDir: neo4jDataDir(dataDir), ...ports, progress });
    return {
      server,
      prepare: () => Promise.resolve(), // its writer makes what it needs, and waits where Neo4j is away
      env: ({ name }) => (name === 'provenance-graph' || name === 'host' ? graphEnvironment(server) : {}),
    };
  },
};

function graphEnvironment({
  url,
  user,
  password,
  browserUrl,
}: Neo4jServer): Readonly<Record<string, string>> {
  const address = new URL(url);
  address.username = encodeURIComponent(user);
  address.password = encodeURIComponent(password);
  return {
    SUMMIT_NEO4J_URL: address.href,
    ...(browserUrl !== undefined && { SUMMIT_NEO4J_BROWSER_URL: browserUrl }),
  };
}

/** The servers of a stack, in the order in which they start. Another one is another entry. */
const stackServers: readonly StackServerKind[] = [bus, readModels, graph];

/** Those that a plan asks for. */
export function serversOf({ only }: StackPlan): readonly StackServerKind[] {
  return stackServers.filter(({ derived = false }) => only !== 'core' || !derived);
}
