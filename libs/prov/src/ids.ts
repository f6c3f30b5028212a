import { MAX_NAME_BYTES, sha256, subjectToken } from '@summit/kernel';

/** A part of an id for any name at all: what is too long, or no text, goes by its digest. */
const part = (name: string): string =>
  name !== '' && name.length * 3 <= MAX_NAME_BYTES && name.isWellFormed()
    ? subjectToken(name)
    : `sha256-${sha256(name)}`;

/** Names of the things of one tenant in the graph; each begins with the tenant's token. // I8 */
export class GraphIds {
  readonly #root: string;

  constructor(tenant: string) {
    this.#root = `${part(tenant)}/`;
  }

  run = (runId: string): string => `${this.#root}run/${runId}`;
  input = (runId: string): string => `${this.run(runId)}/input`;
  output = (runId: string): string => `${this.run(runId)}/output`;
  step = (runId: string, step: number): string => `${this.run(runId)}/step/${String(step)}`;
  proposal = (runId: string, step: number): string => `${this.step(runId, step)}/proposal`;
  result = (runId: string, step: number): string => `${this.step(runId, step)}/result`;
  /** Attempt 0 is a wait: for a timer, or for a signal. */
  attempt = (runId: string, step: number, attempt: number): string =>
    `${this.step(runId, step)}/${attempt === 0 ? 'wait' : `attempt/${String(attempt)}`}`;
  /** What an event brought that has no better name: a signal, a failure, a command. */
  ofEvent = (eventId: string): string => `${this.#root}event/${eventId}`;
  decision = (commitId: string, index: number): string =>
    `${this.#root}decision/${commitId}/${String(index)}`;
  /** The activity behind a decision. */
  deciding = (commitId: string, index: number): string => `${this.decision(commitId, index)}/making`;
  /** A conversation's state; the conversation goes by the key that seals it. */
  state = (key: string, version: number): string => `${this.#root}thread/${key}/state/${String(version)}`;
  message = (key: string, index: number): string => `${this.#root}thread/${key}/message/${String(index)}`;
  approval = (id: string): string => `${this.#root}approval/${id}`;
  workflow = (name: string, version: string): string =>
    `${this.#root}workflow/${part(name)}/${part(version)}`;
  tool = (digest: string): string => `${this.#root}tool/${digest}`;
  policy = (digest: string): string => `${this.#root}policy/${digest}`;
  erasure = (key: string): string => `${this.#root}erasure/${key}`;
  agent = (kind: 'user' | 'executor' | 'leader', id: string): string => `${this.#root}${kind}/${part(id)}`;
  policyEngine = (): string => `${this.#root}policy-engine`;
  organisation = (): string => `${this.#root}organisation`;
}
