import { pino, type Logger } from 'pino';

/** The log of a service: JSON lines on stderr, object first; never a payload, a key or a token. */
export function makeLog(service: string, level: string): Logger {
  return pino(
    { level, base: { service, pid: process.pid }, redact: ['*.authorization', '*.password', '*.token'] },
    pino.destination({ dest: 2, sync: false }),
  );
}
