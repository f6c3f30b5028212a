import { type RunningService } from '@summit/platform';
import { serveModule } from '@summit/platform/http';
import { type Log } from '@summit/runtime';
import { MAX_BUNDLE_BYTES } from './config.ts';
import { type PolicyGatewayModule } from './policy-gateway.module.ts';

/** Listens with a composed module; the url says where. Bundles come as gzip. */
export function servePolicyGateway(
  module: ReturnType<typeof PolicyGatewayModule.register>,
  listen: { readonly host: string; readonly port: number },
  log: Log,
): Promise<RunningService> {
  return serveModule(module, {
    ...listen,
    log,
    prepare: (fastify) => {
      const bundles = { parseAs: 'buffer', bodyLimit: MAX_BUNDLE_BYTES } as const;
      fastify.addContentTypeParser('application/gzip', bundles, (_request, body, done) => {
        done(null, body);
      });
    },
  });
}
