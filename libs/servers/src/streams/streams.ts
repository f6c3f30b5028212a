import {
  type ConsumerConfig,
  JetStreamApiError,
  jetstreamManager,
  type JetStreamManager,
  type StreamConfig,
} from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ConflictError } from '@summit/kernel';
import {
  CONSUMERS,
  consumerText,
  type Deployment,
  type DesiredStream,
  desiredStreams,
  PARTITIONS,
} from './desired-streams.ts';
import { type Drift, driftOf, type FoundConfig, isMendable } from './drift.ts';
import { readServerSettings } from './server-settings.ts';
import { readStreamFile, type StreamFile } from './stream-file.ts';

export interface StreamOptions extends Deployment {
  /** Default: `deploy/nats/streams.yaml`. */
  readonly file?: StreamFile;
}

export interface Applied {
  readonly created: readonly string[];
  readonly updated: readonly string[];
  readonly unchanged: readonly string[];
}

const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;
/** A journal's later generations are made when one is sealed; they are no drift. */
const LATER_GENERATION = /^SUMMIT_JOURNAL_\d{2}_\d{4}$/;

/**
 * Makes the streams of a deployment and mends what may be changed. Where anything must not be changed, nothing is:
 * throws {@link StreamChangeRefusedError} with every such field.
 */
export async function applyStreams(nc: NatsConnection, options: StreamOptions = {}): Promise<Applied> {
  const jsm = await jetstreamManager(nc);
  const compared = await compare(jsm, options);
  const refused = compared.flatMap(({ desired, drift }) => drift.filter((one) => !isMendable(desired, one)));
  refused.push(...(await unknownStreams(jsm, options)));
  if (refused.length > 0) throw new StreamChangeRefusedError(refused);
  const applied = { created: [] as string[], updated: [] as string[], unchanged: [] as string[] };
  for (const { desired, drift, found } of compared) {
    if (drift.length === 0) applied.unchanged.push(desired.name);
    else if (found) applied.updated.push(await update(jsm, desired));
    else applied.created.push(await create(jsm, desired));
  }
  return applied;
}

/** Every field that is not as the file says, streams that the file does not know, and the server's own settings. */
export async function checkStreams(nc: NatsConnection, options: StreamOptions = {}): Promise<Drift[]> {
  const jsm = await jetstreamManager(nc);
  const compared = await compare(jsm, options);
  const settings = await settingsDrift(nc);
  return [...settings, ...compared.flatMap(({ drift }) => drift), ...(await unknownStreams(jsm, options))];
}

interface Compared {
  readonly desired: DesiredStream;
  readonly found: FoundConfig | undefined;
  readonly drift: Drift[];
}

async function compare(jsm: JetStreamManager, options: StreamOptions): Promise<Compared[]> {
  const all = desiredStreams(options.file ?? readStreamFile(), options);
  return Promise.all(
    all.map(async (desired) => {
      const found = await configOf(jsm, desired);
      return { desired, found, drift: driftOf(desired, found) };
    }),
  );
}

async function configOf(jsm: JetStreamManager, desired: DesiredStream): Promise<FoundConfig | undefined> {
  const { name } = desired;
  try {
    const { config } = await jsm.streams.info(name);
    return { ...config, consumers: await consumersOf(jsm, desired) };
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}

/** The consumers that a stream should have, as it has them, by name. */
async function consumersOf(jsm: JetStreamManager, desired: DesiredStream): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const consumer of consumerNames(desired)) {
    try {
      const { config } = await jsm.consumers.info(desired.name, consumer);
      found[consumer] = consumerText(config);
    } catch (error) {
      if (!(error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND)) throw error;
    }
  }
  return found;
}

function consumerNames({ fields }: DesiredStream): string[] {
  return Object.keys(fields).flatMap((field) =>
    field.startsWith(CONSUMERS) ? [field.slice(CONSUMERS.length)] : [],
  );
}

/** Makes a stream's consumers as they should be; one that is there already is changed. */
async function applyConsumers(jsm: JetStreamManager, desired: DesiredStream): Promise<void> {
  const found = await consumersOf(jsm, desired);
  for (const consumer of consumerNames(desired)) {
    const config = JSON.parse(String(desired.fields[CONSUMERS + consumer])) as Partial<ConsumerConfig>;
    if (found[consumer] === undefined)
      await jsm.consumers.add(desired.name, { ...config, durable_name: consumer });
    else await jsm.consumers.update(desired.name, consumer, config);
  }
}

/** A stream of ours that the file does not name: of another number of partitions, most likely. */
async function unknownStreams(jsm: JetStreamManager, options: StreamOptions): Promise<Drift[]> {
  const file = options.file ?? readStreamFile();
  const known = new Set(desiredStreams(file, options).map(({ name }) => name));
  const firstOf = (name: string): string => name.replace(/\d{4}$/, '0001');
  const found: Drift[] = [];
  for await (const stream of jsm.streams.names()) {
    const ours = stream.startsWith('SUMMIT_') || stream.startsWith('KV_SUMMIT_');
    const later = LATER_GENERATION.test(stream) && known.has(firstOf(stream));
    if (ours && !later && !known.has(stream))
      found.push({ stream, field: 'exists', expected: false, found: true });
  }
  return found;
}

async function settingsDrift(nc: NatsConnection): Promise<Drift[]> {
  const servers = await readServerSettings(nc).catch(() => []);
  if (servers.length === 0) {
    return [{ stream: 'server', field: 'sync_interval', expected: 'always', found: 'not told' }];
  }
  return servers
    .filter(({ syncAlways }) => !syncAlways)
    .map(({ server, syncInterval }) => ({
      stream: `server ${server}`,
      field: 'sync_interval',
      expected: 'always',
      found: syncInterval,
    }));
}

async function create(jsm: JetStreamManager, desired: DesiredStream): Promise<string> {
  await jsm.streams.add(configFor(desired));
  await applyConsumers(jsm, desired);
  return desired.name;
}

async function update(jsm: JetStreamManager, desired: DesiredStream): Promise<string> {
  await jsm.streams.update(desired.name, configFor(desired));
  await applyConsumers(jsm, desired);
  return desired.name;
}

/** The fields as the server takes them: what is none is left out. */
function configFor({ name, fields }: DesiredStream): Partial<StreamConfig> & { name: string } {
  const entries = Object.entries(fields).filter(
    ([field, value]) => value !== 'none' && field !== PARTITIONS && !field.startsWith(CONSUMERS),
  );
  const partitions = fields[PARTITIONS];
  const metadata = partitions === undefined ? {} : { metadata: { partitions: String(partitions) } };
  return { ...Object.fromEntries(entries), ...metadata, name };
}

/** Code `STREAM_CHANGE_REFUSED`; says which fields, with both sides. */
export class StreamChangeRefusedError extends ConflictError {
  readonly drift: readonly Drift[];

  constructor(drift: readonly Drift[]) {
    super(
      'STREAM_CHANGE_REFUSED',
      `these must not be changed: ${drift.map(({ stream, field }) => `${stream}.${field}`).join(', ')}`,
      'Mend the file, or export the journals into a new deployment; `summit streams check` shows both sides.',
      { detail: { drift } },
    );
    this.drift = drift;
  }
}
