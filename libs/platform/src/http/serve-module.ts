import { type NestApplicationOptions } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { type RunningService } from '../service.ts';
import { ProblemFilter, type ProblemLog, type ProblemOptions } from './problem.filter.ts';

/** An id in a path may have this many characters before the path is taken as none of ours. */
const MAX_ID_CHARACTERS = 4096;

/** Errors reach who starts the service, and nothing holds it back when it ends. */
const NEST: NestApplicationOptions = { logger: false, abortOnError: false, forceCloseConnections: true };

export interface ServeModule {
  readonly host: string;
  /** 0: any that is free. */
  readonly port: number;
  readonly log: ProblemLog;
  readonly problems?: ProblemOptions;
  /** Fastify's own settings. */
  readonly server?: FastifyServerOptions;
  /** What is added to the server before it listens: content types, hooks. */
  readonly prepare?: (fastify: FastifyInstance) => void;
}

/** Listens with a composed module, as every service does; the url says where. */
export async function serveModule(
  module: Parameters<typeof NestFactory.create>[0],
  { host, port, log, problems, server, prepare }: ServeModule,
): Promise<RunningService> {
  const adapter = new FastifyAdapter({ ...server, routerOptions: { maxParamLength: MAX_ID_CHARACTERS } });
  prepare?.(adapter.getInstance());
  const app = await NestFactory.create<NestFastifyApplication>(module, adapter, NEST);
  app.useGlobalFilters(new ProblemFilter(log, problems));
  await app.listen(port, host);
  return { url: await app.getUrl(), close: () => app.close() };
}
