import { Controller, Get, Inject } from '@nestjs/common';
import { RetryableError } from '@summit/kernel';
import { BundleDesk } from './bundles/bundle-desk.ts';

@Controller()
export class HealthController {
  readonly #desk: BundleDesk;

  constructor(@Inject(BundleDesk) desk: BundleDesk) {
    this.#desk = desk;
  }

  /** The process lives. */
  @Get('healthz')
  healthz(): { status: string } {
    return { status: 'ok' };
  }

  /** It can serve. */
  @Get('readyz')
  readyz(): { status: string } {
    if (this.#desk.ready) return { status: 'ready' };
    throw new RetryableError('NOT_READY', 'the service is not ready', 'Ask again in a moment.');
  }
}
