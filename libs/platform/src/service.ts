import { errorRecord } from '@summit/kernel';
import { type Logger } from 'pino';
import { startTelemetry, type Telemetry } from './telemetry.ts';

/** What runs until it is asked to stop. */
export interface RunningService {
  /** Where it can be reached; empty where nowhere. */
  readonly url: string;
  /** What else listens in the process, by name. */
  readonly urls?: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** How long a service may take to stop, milliseconds. */
const STOP_MS = 10_000;

/**
 * Runs a service as a process: says on stdout in one line when it is ready, stops on SIGTERM and SIGINT, and ends
 * with a line in the log where it can not start. Traces it where the environment names an exporter.
 */
export async function runService(
  name: string,
  log: Logger,
  start: (tracing: Telemetry['tracing'] | undefined) => Promise<RunningService>,
): Promise<void> {
  try {
    const telemetry = await startTelemetry(name, process.env);
    const service = await start(telemetry?.tracing);
    const stop = (signal: NodeJS.Signals): void => {
      log.info({ signal }, 'stopping');
      setTimeout(() => process.exit(1), STOP_MS).unref();
      const closed = service.close().then(() => telemetry?.close());
      closed.then(
        () => process.exit(0),
        (error: unknown) => {
          log.error({ err: errorRecord(error) }, 'did not stop in order');
          process.exit(1);
        },
      );
    };
    process.once('SIGTERM', stop).once('SIGINT', stop);
    const { url, urls } = service;
    process.stdout.write(`${JSON.stringify({ ready: true, name, url, urls })}\n`);
  } catch (error) {
    log.fatal({ err: error, ...errorRecord(error) }, 'can not start');
    log.flush();
    process.stderr.write(`${name}: ${errorRecord(error).message}\n`);
    process.exit(1);
  }
}
