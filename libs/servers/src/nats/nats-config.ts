import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { subjectToken } from '@summit/kernel';
import { repositoryRoot } from '../paths.ts';

/** The users of `deploy/nats/accounts.conf`. */
export const natsUsers = [
  'system',
  'local',
  'operator',
  'orchestrator',
  'executor',
  'api',
  'gateway',
  'audit',
  'reader',
  'developer',
  'nobody',
] as const;

export type NatsUser = (typeof natsUsers)[number];

/** Passwords of one deployment: made at its first start, kept in a file that its owner alone reads. */
export type NatsPasswords = Readonly<Record<NatsUser, string>>;

/** A user of an application, as a client of the bus. */
export interface NatsClient {
  readonly tenant: string;
  readonly user: string;
  readonly password: string;
}

const deployed = join(repositoryRoot, 'deploy', 'nats');

/**
 * The configuration file of one server: `deploy/nats/server.conf`, with these clients, and what the caller adds.
 * nats-server takes included files relative to the including one only.
 */
export function writeNatsConfig(dataDir: string, extra: string, clients: readonly NatsClient[] = []): string {
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'nats.conf');
  const shared = clients.length === 0 ? join(deployed, 'server.conf') : withClients(dataDir, clients);
  writeFileSync(file, `include "${relative(dirname(file), shared)}"\n${extra}\n`);
  return file;
}

/** A copy of the configuration beside the data, with a block for each client; its path. */
function withClients(dataDir: string, clients: readonly NatsClient[]): string {
  const place = /^ *# clients:.*$/m;
  const accounts = readFileSync(join(deployed, 'accounts.conf'), 'utf8');
  const template = readFileSync(join(deployed, 'client-user.conf'), 'utf8');
  const blocks = clients.map(({ tenant, user, password }) =>
    template
      .replaceAll('<tenant>', subjectToken(tenant))
      .replaceAll('<user>', subjectToken(user))
      .replaceAll('<password>', password),
  );
  writeFileSync(join(dataDir, 'accounts.conf'), accounts.replace(place, blocks.join('\n')), { mode: 0o600 });
  const copy = join(dataDir, 'server.conf');
  writeFileSync(copy, readFileSync(join(deployed, 'server.conf')));
  return copy;
}

/** Name of a client as a user of NATS; its inboxes begin with `_INBOX.` and this. */
export function clientName({ tenant, user }: Pick<NatsClient, 'tenant' | 'user'>): string {
  return `${subjectToken(tenant)}.${subjectToken(user)}`;
}

/** Reads the passwords kept in a directory, or makes them there. */
export function natsPasswords(dir: string): NatsPasswords {
  const file = join(dir, 'nats-passwords');
  mkdirSync(dir, { recursive: true });
  try {
    return passwordsOf(readFileSync(file, 'utf8'));
  } catch {
    const lines = natsUsers.map((user) => `${user} ${randomBytes(16).toString('hex')}\n`);
    writeFileSync(file, lines.join(''), { mode: 0o600 });
    return passwordsOf(lines.join(''));
  }
}

function passwordsOf(text: string): NatsPasswords {
  const kept = new Map(text.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']));
  const password = (user: NatsUser): string => {
    const found = kept.get(user);
    if (!found) throw new Error(`no password for the NATS user ${user}`);
    return found;
  };
  return {
    system: password('system'),
    local: password('local'),
    operator: password('operator'),
    orchestrator: password('orchestrator'),
    executor: password('executor'),
    api: password('api'),
    gateway: password('gateway'),
    audit: password('audit'),
    reader: password('reader'),
    developer: password('developer'),
    nobody: password('nobody'),
  };
}

/** The environment that `accounts.conf` reads. */
export function natsEnvironment(passwords: NatsPasswords, anonymous: NatsUser): Record<string, string> {
  const entries = natsUsers.map((user): [string, string] => [
    `SUMMIT_NATS_${user.toUpperCase()}_PASSWORD`,
    passwords[user],
  ]);
  return { ...Object.fromEntries<string>(entries), SUMMIT_NATS_ANONYMOUS: anonymous };
}
