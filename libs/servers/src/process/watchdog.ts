import { type ChildProcess, spawn } from 'node:child_process';

/**
 * A tiny shell that holds the reading end of a pipe from us. When the pipe ends without a word, we are dead,
 * however we died; it then ends the server: the stop signal, a deadline, SIGKILL.
 * Arguments: pid, stop signal, tenths of a second to wait, file to remove.
 */
const SCRIPT = `
read -r word
[ "$word" = done ] && exit 0
kill -s "$2" "$1" 2>/dev/null
left=$3
runs() {
  kill -0 "$1" 2>/dev/null || return 1
  case "$(cat "/proc/$1/stat" 2>/dev/null)" in *") Z "*) return 1 ;; esac
}
while [ "$left" -gt 0 ] && runs "$1"; do sleep 0.1; left=$((left - 1)); done
kill -s KILL "$1" 2>/dev/null
rm -f "$4"
`;

export interface Watched {
  readonly pid: number;
  readonly stopSignal: NodeJS.Signals;
  readonly stopMs: number;
  /** Removed with the server. */
  readonly stateFile: string;
}

/** Ends a server when this process dies before it says {@link Watchdog.release}. */
export class Watchdog {
  readonly #shell: ChildProcess;
  readonly #ended: Promise<void>;

  constructor({ pid, stopSignal, stopMs, stateFile }: Watched) {
    const tenths = String(Math.ceil(stopMs / 100));
    const signal = stopSignal.slice('SIG'.length); // as sh names it
    const args = ['-c', SCRIPT, 'summit-watchdog', String(pid), signal, tenths, stateFile];
    // Its own session: the terminal's Ctrl-C must reach us, never it.
    this.#shell = spawn('/bin/sh', args, { detached: true, stdio: ['pipe', 'ignore', 'ignore'] });
    this.#ended = new Promise((resolve) => {
      this.#shell.once('exit', () => {
        resolve();
      });
      this.#shell.once('error', () => {
        resolve();
      });
    });
    this.#shell.stdin?.on('error', () => undefined);
    this.#shell.unref();
  }

  /** The server is gone: the watchdog goes too. */
  async release(): Promise<void> {
    this.#shell.ref();
    this.#shell.stdin?.end('done\n');
    await this.#ended;
  }
}
