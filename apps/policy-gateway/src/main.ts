import 'reflect-metadata';
import { connectNats } from '@summit/journal-nats';
import { runService, tokenVerifier } from '@summit/platform';
import { developmentKey, natsBundleStore } from '@summit/policy-opa';
import { policyGatewayConfig } from './config.ts';
import { PolicyGatewayModule } from './policy-gateway.module.ts';
import { servePolicyGateway } from './serve.ts';

await runService('policy-gateway', policyGatewayConfig, async (config, log) => {
  const { SUMMIT_DATA, SUMMIT_APP, SUMMIT_TENANT, SUMMIT_OPA } = config;
  const nc = await connectNats(config.SUMMIT_NATS_URL, { name: 'policy-gateway' });
  const module = PolicyGatewayModule.register({
    tokens: tokenVerifier(config, log),
    key: developmentKey(SUMMIT_DATA),
    store: () => natsBundleStore(nc),
    log,
    ...(SUMMIT_APP !== undefined && {
      app: {
        directory: SUMMIT_APP,
        tenant: SUMMIT_TENANT,
        ...(SUMMIT_OPA !== undefined && { opa: SUMMIT_OPA }),
      },
    }),
  });
  const listen = { host: config.SUMMIT_POLICY_HOST, port: config.SUMMIT_POLICY_PORT };
  const service = await servePolicyGateway(module, listen, log);
  return {
    url: service.url,
    close: async () => {
      await service.close();
      await nc.drain();
    },
  };
});
