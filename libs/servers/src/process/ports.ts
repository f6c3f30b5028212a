import { createServer } from 'node:net';

/** The port when nobody listens on it here, else another that is free at this moment. Loopback only. */
export async function choosePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && preferred !== 0) {
    const port = await tryPort(preferred);
    if (port !== undefined) return port;
  }
  const port = await tryPort(0);
  if (port === undefined) throw new Error('no free port on 127.0.0.1');
  return port;
}

function tryPort(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(undefined);
    });
    probe.listen(port, '127.0.0.1', () => {
      const address = probe.address();
      const taken = typeof address === 'object' && address ? address.port : undefined;
      probe.close(() => {
        resolve(taken);
      });
    });
  });
}
