import { parentPort } from 'node:worker_threads';
import { errorRecord, type Tracing } from '@summit/kernel';
import { type Logger } from 'pino';
import { type z } from 'zod';
import { readConfig, redacted } from './config.ts';
import { makeLog } from './log.ts';
import { startTelemetry } from './telemetry.ts';

/** What runs until it is asked to stop. */
export interface RunningService {
  /** Where it can be reached; empty where nowhere. */
  readonly url: string;
  /** What else listens in the process, by name. */
  readonly urls?: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Starts a service with its configuration; spans where the environment names an exporter. */
export type StartService<Config> = (
  config: Config,
  log: Logger,
  tracing: Tracing | undefined,
) => Promise<RunningService>;

/** What every service's configuration says. */
interface ServiceConfig {
  /** Level of the log. */
  readonly SUMMIT_LOG: string;
}

/** How long a service may take to stop, milliseconds. */
const STOP_MS = 10_000;

/**
 * Runs a service as a process: says on stdout in one line when it is ready, stops on SIGTERM and SIGINT, and ends
 * with a line in the log where it can not start. Its configuration is read from the environment by one schema.
 */
export async function runService<Config extends ServiceConfig>(
  name: string,
  schema: z.ZodType<Config>,
  start: StartService<Config>,
): Promise<void> {
  try {
    const { url, urls, log, close } = await started(name, schema, start);
    const stop = (signal: NodeJS.Signals): void => {
      log.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), STOP_MS).unref();
      close().then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: errorRecord(error) }, 'did not stop in order');
          process.exit(1);
        },
      );
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
    process.stdout.write(`${JSON.stringify({ ready: true, name, url, urls })}\n`);
  } catch (error) {
    const log = makeLog(name, 'fatal');
    log.fatal({ err: error, ...errorRecord(error) }, 'can not start');
    log.flush();
    process.stderr.write(`${name}: ${errorRecord(error).message}\n`);
    process.exit(1);
  }
}

/** Runs a service as a thread of another process, until that sends a message: see {@link KeptThread}. */
export async function runServiceThread<Config extends ServiceConfig>(
  name: string,
  schema: z.ZodType<Config>,
  start: StartService<Config>,
): Promise<void> {
  const host = parentPort;
  if (!host) throw new Error(`${name} runs as a thread here`);
  const { close } = await started(name, schema, start);
  host.once('message', () => void close().finally(() => host.close()));
}

async function started<Config extends ServiceConfig>(
  name: string,
  schema: z.ZodType<Config>,
  start: StartService<Config>,
): Promise<
  Pick<RunningService, 'url' | 'urls'> & { readonly log: Logger; readonly close: () => Promise<void> }
> {
  const config = readConfig(schema, process.env);
  const log = makeLog(name, config.SUMMIT_LOG);
  log.info(redacted(config), 'starts');
  const telemetry = await startTelemetry(name, process.env);
  const service = await start(config, log, telemetry?.tracing);
  const close = async (): Promise<void> => {
    await service.close();
    await telemetry?.close();
  };
  return { ...service, log, close };
}
