import { join } from 'node:path';
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
  const lines = [
    `${phase} in ${dataDir}`,
    table([['name', 'role', 'pid', 'url', 'version', 'health'], ...rows]),
    ...(processes.some(({ urls }) => urls?.['neo4jBrowser'] !== undefined) ? [browserText(dataDir)] : []),
  ];
  return lines.join('\n');
}

/** How a person gets from the address of Neo4j Browser to a first picture. */
function browserText(dataDir: string): string {
  return [
    '',
    `Neo4j Browser asks for a user, neo4j, and a password, which lies in ${join(dataDir, 'neo4j', 'password')}. Then:`,
    '  MATCH path = (:Run)-[*1..2]->() RETURN path LIMIT 100',
  ].join('\n');
}

/** Passwords stand in files of the data directory, not on screens. */
function withoutPassword(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}
