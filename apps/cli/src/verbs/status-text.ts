import type { StackState } from '../supervisor/stack-state.ts';
import { table } from '../verb.ts';

/** What `status --json` and `up --json` print. */
export interface StatusDocument {
  readonly ok: boolean;
  readonly running: boolean;
  readonly phase: StackState['phase'] | 'down';
  readonly dataDir: string;
  readonly app: string | null;
  readonly supervisor: number | null;
  /** `nats`, `api`, …: where each listens. */
  readonly urls: Readonly<Record<string, string>>;
  readonly processes: readonly Omit<StackState['processes'][number], 'identity' | 'kind'>[];
}

export function statusDocument(dataDir: string, state: StackState | undefined): StatusDocument {
  if (!state) {
    const nothing = { app: null, supervisor: null, urls: {}, processes: [] };
    return { ok: true, running: false, phase: 'down', dataDir, ...nothing };
  }
  const processes = state.processes.map(({ identity: _identity, kind: _kind, ...shown }) => ({
    ...shown,
    url: shown.url === null ? null : withoutPassword(shown.url),
  }));
  const urls = processes.flatMap(({ name, url, urls: more }) => [
    ...(url === null ? [] : [[name, url] as const]),
    ...Object.entries(more ?? {}),
  ]);
  return {
    ok: state.phase === 'up' && processes.every(({ health }) => health === 'healthy'),
    running: true,
    phase: state.phase,
    dataDir: state.dataDir,
    app: state.app,
    supervisor: state.supervisor.pid,
    urls: Object.fromEntries(urls),
    processes,
  };
}

export function statusText({ running, phase, dataDir, processes }: StatusDocument): string {
  if (!running) return `nothing runs in ${dataDir}`;
  const rows = processes.flatMap(({ name, role, pid, url, urls, version, health, restarts }) => [
    [
      name,
      role,
      pid === null ? '-' : String(pid),
      url ?? '-',
      version,
      restarts === 0 ? health : `${health}, started again ${String(restarts)} times`,
    ],
    ...Object.entries(urls ?? {}).map(([what, at]) => ['', what, '', at]),
  ]);
  return `${phase} in ${dataDir}\n${table([['name', 'role', 'pid', 'url', 'version', 'health'], ...rows])}`;
}

/** Passwords stand in files of the data directory, not on screens. */
function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
