/**
 * The keys that an OpenID Connect issuer shows. Owns what was fetched, and when the issuer may be asked again.
 *
 * 1. It is asked by who needs a key that is not here, and by nobody else: it recovers with the next request.
 * 2. While it answers, an unknown key asks at most every {@link COOLDOWN_MS}; while it does not, every {@link RETRY_MS}.
 * 3. That it does not answer is no fault of the token: `ISSUER_UNREACHABLE`. Keys that are here stay, for {@link KEYS_MS}.
 */
import {
  createRemoteJWKSet,
  customFetch,
  errors,
  type FetchImplementation,
  type JWTVerifyGetKey,
} from 'jose';
import { RetryableError } from '@summit/kernel';
import { isTrusted } from './trusted-url.ts';
import { z } from 'zod';

/** Keys are fetched anew after so long, milliseconds. */
const KEYS_MS = 10 * 60_000;
const COOLDOWN_MS = 30_000;
const RETRY_MS = 1_000;
/** Both questions, where the keys come from and which they are, have so long together, milliseconds. */
const TIMEOUT_MS = 5_000;

/** Where it is told that the issuer went away, and that it came back. */
export interface IssuerLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface IssuerKeysOptions {
  readonly issuer: string;
  /** Where the keys are; without it the issuer's discovery document says so. */
  readonly jwksUrl?: string | undefined;
  readonly log: IssuerLog;
  /** Default {@link COOLDOWN_MS}. */
  readonly cooldownMs?: number;
}

const discovery = z.looseObject({ issuer: z.string(), jwks_uri: z.string().refine(isTrusted) });

/** Finds the key of a token; asks the issuer at once, so that the first request need not wait. */
export function issuerKeys(options: IssuerKeysOptions): JWTVerifyGetKey {
  const { issuer, jwksUrl, cooldownMs = COOLDOWN_MS } = options;
  const keys = createRemoteJWKSet(new URL(jwksUrl ?? discoveryUrl(issuer)), {
    timeoutDuration: TIMEOUT_MS,
    cooldownDuration: cooldownMs,
    cacheMaxAge: KEYS_MS,
    [customFetch]: spared(options, jwksUrl === undefined ? discovered(issuer) : asked),
  });
  keys.reload().catch(() => undefined); // the log has it
  return (header, token) =>
    keys(header, token).catch((cause: unknown) => {
      if (isOfToken(cause)) throw cause;
      const next = 'Try again; if it lasts, see whether the service reaches its issuer.';
      throw new RetryableError('ISSUER_UNREACHABLE', `${issuer} does not show its keys`, next, { cause });
    });
}

/** OpenID Connect Discovery 1.0, section 4. */
const discoveryUrl = (issuer: string): string =>
  `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;

const isOfToken = (error: unknown): boolean =>
  error instanceof errors.JWKSNoMatchingKey ||
  error instanceof errors.JWKSMultipleMatchingKeys ||
  error instanceof errors.JOSENotSupported;

const asked: FetchImplementation = async (url, init) => {
  const answer = await fetch(url, init);
  if (answer.status === 200) return answer;
  throw new Error(`${url} answered ${String(answer.status)}`);
};

/** Asks where the keys are each time: an issuer that moves them is followed. */
function discovered(issuer: string): FetchImplementation {
  return async (url, init) => {
    const found = discovery.parse(await (await asked(url, init)).json());
    if (found.issuer === issuer) return asked(found.jwks_uri, init);
    throw new Error(`${url} is of "${found.issuer}"`); // Discovery 1.0, section 4.3
  };
}

/** Leaves an issuer that does not answer in peace for a moment; tells the log when that changes. */
function spared({ issuer, log }: IssuerKeysOptions, fetchKeys: FetchImplementation): FetchImplementation {
  let failed: { readonly error: unknown; readonly until: number } | undefined;
  return async (url, init) => {
    if (failed && Date.now() < failed.until) throw failed.error;
    try {
      const answer = await fetchKeys(url, init);
      if (failed) log.info({ issuer }, 'the issuer shows its keys again');
      failed = undefined;
      return answer;
    } catch (error) {
      if (!failed) log.warn({ issuer, err: error }, 'the issuer does not show its keys');
      failed = { error, until: Date.now() + RETRY_MS };
      throw error;
    }
  };
}
