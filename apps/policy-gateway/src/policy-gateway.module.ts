import { type DynamicModule, Module } from '@nestjs/common';
import { type TokenVerifier } from '@summit/platform';
import { Callers, HEALTH, HealthController } from '@summit/platform/http';
import { AccessController } from './access/access.controller.ts';
import { BundleDesk, type BundleDeskOptions } from './bundles/bundle-desk.ts';
import { BundlesController } from './bundles/bundles.controller.ts';
import { healthOfDesk } from './health.ts';

export interface PolicyGatewayOptions extends BundleDeskOptions {
  /** Whose tokens are believed. */
  readonly tokens: TokenVerifier;
}

@Module({})
export class PolicyGatewayModule {
  static register(options: PolicyGatewayOptions): DynamicModule {
    return {
      module: PolicyGatewayModule,
      controllers: [AccessController, BundlesController, HealthController],
      providers: [
        { provide: BundleDesk, useFactory: () => new BundleDesk(options) },
        { provide: HEALTH, useFactory: healthOfDesk, inject: [BundleDesk] },
        { provide: Callers, useFactory: () => new Callers(options.tokens) },
      ],
    };
  }
}
