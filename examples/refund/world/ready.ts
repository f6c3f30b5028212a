/** Tells whoever started this process that it serves, and where. */
export function sayReady(name: string, url: string): void {
  process.stdout.write(`${JSON.stringify({ ready: true, name, url })}\n`);
}

/** The port that was chosen for it; any where it is started by hand. */
export const port = Number(process.env['PORT'] ?? 0);

/** Ends in order when it is asked to. */
export function onStop(stop: () => Promise<unknown>): void {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    process.once(signal, () => {
      void stop().finally(() => process.exit(0));
    });
  }
}
