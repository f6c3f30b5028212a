import { type INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { type Log } from '@summit/runtime';
import { type BusOptions, BusTransport } from './bus/bus.transport.ts';
import { type OrchestratorConfig } from './config.ts';

/** Starts a composed module that holds the orchestrator's, then takes commands from the bus. */
export async function serveBus(
  module: Parameters<typeof NestFactory.createMicroservice>[0],
  config: Pick<OrchestratorConfig, 'SUMMIT_NATS_URL' | 'SUMMIT_BUS_ROLES'>,
  log: Log,
): Promise<INestMicroservice> {
  const { SUMMIT_NATS_URL: url, SUMMIT_BUS_ROLES: roles } = config;
  const options: BusOptions = {
    url,
    log,
    rolesOf: (tenant, user) => roles[`${tenant}/${user}`] ?? [],
  };
  const app = await NestFactory.createMicroservice(module, {
    strategy: new BusTransport(options),
    logger: false,
    abortOnError: false,
  });
  await app.listen();
  return app;
}
