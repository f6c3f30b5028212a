import { Controller, Get, HttpCode, Inject } from '@nestjs/common';
import { RetryableError } from '@summit/kernel';

export const READINESS = Symbol('READINESS');

/** Whether requests can be served now. */
export type Readiness = () => boolean;

@Controller()
export class HealthController {
  readonly #ready: Readiness;

  constructor(@Inject(READINESS) ready: Readiness) {
    this.#ready = ready;
  }

  /** The process lives. */
  @Get('healthz')
  healthz(): { status: string } {
    return { status: 'ok' };
  }

  /** It can serve. */
  @Get('readyz')
  @HttpCode(200)
  readyz(): { status: string } {
    if (this.#ready()) return { status: 'ready' };
    throw new RetryableError('NOT_READY', 'the service is not ready', 'Ask again in a moment.');
  }
}
