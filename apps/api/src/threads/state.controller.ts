import { Controller, Get, HttpCode, Inject, Param, Patch, Post, Query, Req, Res } from '@nestjs/common';
import { InvalidInputError, isObject, type Json, subjectToken } from '@summit/kernel';
import { dtoOf } from '@summit/platform';
import { Callers } from '@summit/platform/http';
import { commandBodies, type CommandGateway, commandSchemas } from '@summit/runtime';
import { type FastifyReply, type FastifyRequest } from 'fastify';
import { commandIdOf, commandOf, valueOf } from '../http/call.ts';
import { readDto } from '../http/dto.ts';
import { GATEWAY } from '../runs/gateway.ts';
import { expectedVersion, versionOf } from './if-match.ts';

/** Body of `POST /v1/threads`: `{id?, state?}`. */
class CreateThreadDto extends dtoOf(
  commandSchemas['thread.create'].omit({ threadId: true }).extend({
    id: commandSchemas['thread.create'].shape.threadId,
  }),
) {}

/** An RFC 6902 document is an array; it is read as a DTO's one field. */
class StatePatchDto extends dtoOf(commandSchemas['state.patch'].pick({ patch: true })) {}

/** Threads ahead of their runs, and [C3.3] their state, which people read and correct. */
@Controller('v1/threads')
export class StateController {
  readonly #gateway: CommandGateway;
  readonly #callers: Callers;

  constructor(@Inject(GATEWAY) gateway: CommandGateway, @Inject(Callers) callers: Callers) {
    this.#gateway = gateway;
    this.#callers = callers;
  }

  /** Makes a thread, with the state that it begins with where one is given. */
  @Post()
  @HttpCode(201)
  async create(@Req() request: FastifyRequest): Promise<Json> {
    const identity = await this.#callers.identify(request);
    const { id: threadId, state } = readDto(CreateThreadDto, request.body ?? {});
    const commandId = commandIdOf(request);
    const body = commandBodies['thread.create']({ threadId, state }, { ...identity, commandId });
    return valueOf(await this.#gateway.submit(commandOf(request, identity, body, commandId)));
  }

  @Get(':id')
  async get(@Req() request: FastifyRequest, @Param('id') threadId: string): Promise<Json> {
    const { tenant } = await this.#callers.identify(request);
    subjectToken(threadId);
    return valueOf(await this.#gateway.query({ tenant, threadId }));
  }

  /** With `at` as it was at that version. The ETag is the version. */
  @Get(':id/state')
  async state(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') threadId: string,
    @Query('at') at?: string,
  ): Promise<Json> {
    const { tenant } = await this.#callers.identify(request);
    subjectToken(threadId);
    const state = { at: at === undefined ? undefined : versionOf(at) };
    return tagged(reply, valueOf(await this.#gateway.query({ tenant, threadId, state })));
  }

  /** An edit by a person, of the version that `If-Match` names. */
  @Patch(':id/state')
  async patch(
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
    @Param('id') threadId: string,
  ): Promise<Json> {
    const identity = await this.#callers.identify(request);
    subjectToken(threadId);
    if (!Array.isArray(request.body)) throw notAPatch();
    const { patch } = readDto(StatePatchDto, { patch: request.body });
    const fields = { threadId, patch, expectedVersion: expectedVersion(request.headers['if-match']) };
    const command = commandOf(request, identity, commandBodies['state.patch'](fields), commandIdOf(request));
    return tagged(reply, valueOf(await this.#gateway.submit(command)));
  }
}

function tagged(reply: FastifyReply, value: Json): Json {
  const version = isObject(value) ? value['version'] : undefined;
  if (typeof version === 'number') void reply.header('etag', `"${version}"`);
  return value;
}

const notAPatch = (): InvalidInputError =>
  new InvalidInputError(
    'INVALID_BODY',
    'the body must be an array of RFC 6902 operations',
    'Send [{"op":"replace","path":"/amount","value":40}] and the like.',
  );
