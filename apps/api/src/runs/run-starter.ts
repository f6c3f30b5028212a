import { Inject, Injectable } from '@nestjs/common';
import { isObject, type Json, sha256 } from '@summit/kernel';
import { type Identity } from '@summit/platform';
import { type CommandGateway } from '@summit/runtime';
import { type FastifyRequest } from 'fastify';
import { commandIdOf, commandOf, valueOf, waitOf } from '../http/call.ts';
import { readDto } from '../http/dto.ts';
import { Authenticator } from '../http/request-context.ts';
import { GATEWAY } from './gateway.ts';
import { StartRunDto } from './start-run.dto.ts';

/** Starts runs, on a thread that was named or on one made for it. */
@Injectable()
export class RunStarter {
  readonly #gateway: CommandGateway;
  readonly #authenticator: Authenticator;

  constructor(@Inject(GATEWAY) gateway: CommandGateway, @Inject(Authenticator) authenticator: Authenticator) {
    this.#gateway = gateway;
    this.#authenticator = authenticator;
  }

  /** With a wait the answer comes when the run has ended or waits, else when its start is durable. */
  async start(request: FastifyRequest, thread: string | undefined, wait: string | undefined): Promise<Json> {
    const identity = await this.#authenticator.identify(request);
    const waitMs = waitOf(wait);
    const { workflow, version, input } = readDto(StartRunDto, request.body);
    const commandId = commandIdOf(request);
    const threadId = thread ?? threadFor(identity, commandId);
    const body = { verb: 'run.start', threadId, workflow, version, input: input ?? null } as const;
    const started = valueOf(await this.#gateway.submit(commandOf(request, identity, body, commandId)));
    const runId = isObject(started) ? started['runId'] : undefined;
    if (waitMs === 0 || typeof runId !== 'string') return started;
    return valueOf(await this.#gateway.query({ tenant: identity.tenant, runId, waitMs }));
  }
}

/** A thread made for a command takes its id from the command's, so that a retry finds the same one. */
function threadFor({ tenant, user }: Identity, commandId: string): string {
  return `thr_${sha256(`${tenant}\n${user}\n${commandId}`).slice(0, 24)}`;
}
