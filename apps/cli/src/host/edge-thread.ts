import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { type ErrorRecord, RetryableError } from '@summit/kernel';
import { type RunningService } from '@summit/platform';
import { type CommandGateway, serveThread } from '@summit/runtime';

/** Between host and edge, besides the gateway's calls. */
export type EdgeMessage =
  | { readonly kind: 'ready'; readonly ready: boolean }
  | { readonly kind: 'close' }
  | { readonly kind: 'serves'; readonly url: string }
  | { readonly kind: 'failed'; readonly error: ErrorRecord }
  | { readonly kind: 'closed' };

/** How often the edge is told whether there are leaders, milliseconds; only changes are told. */
const READY_MS = 50;
/** Room for what a request leaves behind; see the launcher's own setting for the main thread. MiB. */
const YOUNG_GENERATION_MB = 64;

export interface EdgeOptions {
  readonly gateway: CommandGateway;
  readonly ready: () => boolean;
  /** The thread ended without having been asked to. */
  readonly onDeath: (error: unknown) => void;
}

/** Starts the api in a thread of its own; resolves when it listens. Rejects with what kept it from it. */
export async function startEdge({ gateway, ready, onDeath }: EdgeOptions): Promise<RunningService> {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL('./edge.ts', import.meta.url), {
    workerData: { gateway: port2 },
    transferList: [port2],
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  serveThread(port1, gateway);
  const url = await listening(worker);
  let told = false;
  const watch = setInterval(() => {
    if (ready() === told) return;
    told = !told;
    worker.postMessage({ kind: 'ready', ready: told } satisfies EdgeMessage);
  }, READY_MS);
  let closing = false;
  worker.once('error', onDeath).once('exit', (code) => {
    if (!closing) onDeath(new Error(`the edge's thread ended (${String(code)})`));
  });
  return {
    url,
    close: async () => {
      closing = true;
      clearInterval(watch);
      worker.postMessage({ kind: 'close' } satisfies EdgeMessage);
      await once(worker, 'exit');
      port1.close();
    },
  };
}

async function listening(worker: Worker): Promise<string> {
  const [message] = (await once(worker, 'message')) as [EdgeMessage];
  if (message.kind === 'serves') return message.url;
  await worker.terminate();
  const error = message.kind === 'failed' ? message.error : undefined;
  throw new RetryableError(
    error?.code ?? 'UNEXPECTED',
    error?.message ?? 'the edge did not start',
    error?.next ?? 'Read the log.',
  );
}
