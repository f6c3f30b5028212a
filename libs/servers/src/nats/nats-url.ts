/** What the NATS client wants to know; it does not read users from URLs by itself. */
export interface NatsOptions {
  readonly servers: string[];
  readonly user?: string;
  readonly pass?: string;
}

/** `nats://user:password@host:port[,nats://…]` as the client's connection options. */
export function natsOptions(url: string): NatsOptions {
  const urls = url
    .split(',')
    .map((one) => new URL(one.includes('://') ? one.trim() : `nats://${one.trim()}`));
  const servers = urls.map(({ protocol, host }) => `${protocol}//${host}`);
  const named = urls.find(({ username }) => username !== '');
  if (!named) return { servers };
  return { servers, user: decodeURIComponent(named.username), pass: decodeURIComponent(named.password) };
}

/** The URL with a user and a password in it. */
export function withUser(url: string, user: string, password: string): string {
  const one = new URL(url);
  one.username = user;
  one.password = password;
  return one.href.replace(/\/$/, '');
}
