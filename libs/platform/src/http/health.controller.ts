import { Controller, Get, Inject } from '@nestjs/common';
import { RetryableError } from '@summit/kernel';

/** Names what a service says of itself; see {@link Health}. */
export const HEALTH = Symbol('HEALTH');

/** What a service says of itself to those who watch it. */
export interface Health {
  /** `GET /healthz`: the process lives, whatever it waits for. */
  alive(): object;
  /** `GET /readyz`: it can do its work now. Throws or rejects with `NOT_READY`. */
  ready(): object | Promise<object>;
}

/** What a service that has yet to come up answers. */
export const notReady = (): RetryableError =>
  new RetryableError('NOT_READY', 'the service is not ready', 'Ask again in a moment.');

/** The two questions that containers are asked about. */
export class HealthController {
  readonly #health: Health;

  constructor(health: Health) {
    this.#health = health;
  }

  healthz(): object {
    return this.#health.alive();
  }

  readyz(): object | Promise<object> {
    return this.#health.ready();
  }
}

// As decorators would: libraries have none.
Controller()(HealthController);
Inject(HEALTH)(HealthController, undefined, 0);
for (const path of ['healthz', 'readyz'] as const) {
  const shown = Object.getOwnPropertyDescriptor(HealthController.prototype, path) ?? {};
  Get(path)(HealthController.prototype, path, shown);
}
