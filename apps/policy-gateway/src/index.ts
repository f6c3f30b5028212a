export { policyGatewayConfig, type PolicyGatewayConfig } from './config.ts';
export { PolicyGatewayModule, type PolicyGatewayOptions } from './policy-gateway.module.ts';
export { servePolicyGateway } from './serve.ts';
