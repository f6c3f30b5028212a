import { InvalidInputError, isObject, NotFoundError, RefusedError } from '@summit/kernel';
import { developmentToken } from './development-token.ts';
import { dataDirOf } from './supervisor/stack-plan.ts';
import { readStackState } from './supervisor/stack-state.ts';
import { type Given } from './verb.ts';

/** The caller's token, or a development token of somebody who may order bundles on this laptop. */
export function gatewayToken(given: Given): Promise<string> {
  const token = process.env['SUMMIT_TOKEN'];
  if (token) return Promise.resolve(token);
  const roles = ['developer', 'operator'];
  const tenant = given.text('tenant') ?? 'acme';
  return developmentToken(given, { tenant, user: given.text('as') ?? 'developer', roles });
}

export function gatewayUrl(given: Given): string {
  const processes = readStackState(dataDirOf(given.text('data')))?.processes;
  const running = processes?.find(({ name }) => name === 'policy-gateway')?.url;
  const url = given.text('url') ?? process.env['SUMMIT_POLICY_URL'] ?? running;
  if (url) return url.replace(/\/$/, '');
  const next = 'Give --url or SUMMIT_POLICY_URL, or start one: summit up';
  throw new NotFoundError('NO_POLICY_GATEWAY', 'no policy-gateway to talk to', next);
}

/** Throws {@link RefusedError} and {@link InvalidInputError} with what the gateway says. */
export async function post(
  url: string,
  headers: Record<string, string>,
  body: string | Buffer<ArrayBuffer>,
): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: 'POST', headers, body });
  const answer: unknown = await response.json();
  const fields = isObject(answer) ? answer : {};
  if (response.ok) return fields;
  const field = (name: string, fallback: string): string => {
    const value = fields[name];
    return typeof value === 'string' ? value : fallback;
  };
  const refused = response.status === 401 || response.status === 403;
  const Kind = refused ? RefusedError : InvalidInputError;
  throw new Kind(
    field('code', 'POLICY_GATEWAY_FAILED'),
    field('detail', `it answered ${String(response.status)}`),
    field('next', 'Look into its log.'),
  );
}
