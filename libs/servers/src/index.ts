export { type Component, type ComponentName, type Progress, type Source } from './find/component.ts';
export {
  components,
  natsComponent,
  neo4jComponent,
  opaComponent,
  postgresComponent,
} from './find/catalogue.ts';
export { locate, type Location, type Plan, provide, type Provided } from './find/locate.ts';
export { startNats, natsUrlAs, type NatsServer, type StartNats } from './nats/start-nats.ts';
export {
  startNatsCluster,
  type NatsClusterServers,
  type StartNatsCluster,
} from './nats/start-nats-cluster.ts';
export { type NatsOptions, natsOptions } from './nats/nats-url.ts';
export { clientName, type NatsClient, type NatsUser } from './nats/nats-config.ts';
export { type RunningServer } from './running-server.ts';
export { type Deployment } from './streams/desired-streams.ts';
export { type Drift } from './streams/drift.ts';
export { readServerSettings, type ServerSettings, SETTINGS_SUBJECT } from './streams/server-settings.ts';
export {
  type Applied,
  applyStreams,
  checkStreams,
  StreamChangeRefusedError,
  type StreamOptions,
} from './streams/streams.ts';
export { readStreamFile, type StreamFile } from './streams/stream-file.ts';
export { onPath } from './find/run-program.ts';
export { repositoryRoot } from './paths.ts';
export { identityOf, isAlive, type ProcessIdentity } from './process/identity.ts';
export { withLock } from './process/lock.ts';
export { choosePort } from './process/ports.ts';
export { endProcess } from './process/process-file.ts';
export { endText, type ProcessEnd, ServerProcess, type ServerSpec } from './process/server-process.ts';
export { type Deadline, waitFor } from './process/wait-for.ts';
export { appDatabase } from './postgres/app-database.ts';
export { type PostgresServer, startPostgres, type StartPostgres } from './postgres/start-postgres.ts';
export { type Neo4jServer, startNeo4j, type StartNeo4j } from './neo4j/start-neo4j.ts';
