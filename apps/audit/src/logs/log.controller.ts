import { Controller, Get, Header, Inject, Param, Req } from '@nestjs/common';
import { digestOf, type LogName, parseTilePath, widthAt } from '@summit/transparency-log';
import { Callers } from '@summit/platform/http';
import { type FastifyRequest } from 'fastify';
import { AuditLogs } from './audit-logs.ts';
import { logNotFound } from './errors.ts';
import { signedLog, type SignedLog } from './signed-log.ts';

/** The signed head of one log. */
interface LogHead {
  readonly partition: number;
  readonly origin: string;
  readonly size: number;
  /** Hexadecimal. */
  readonly root: string;
  /** The signed note. */
  readonly checkpoint: string;
  /** `name+id+key`, as signed-note's verifiers take it. */
  readonly key: string;
}

/** The logs as C2SP tlog-tiles lays them out; the prefix of one is `/log/<tenant>/<partition>`. */
@Controller('log/:tenant')
export class LogController {
  readonly #logs: AuditLogs;
  readonly #callers: Callers;

  constructor(@Inject(AuditLogs) logs: AuditLogs, @Inject(Callers) callers: Callers) {
    this.#logs = logs;
    this.#callers = callers;
  }

  /** The signed heads of all of a tenant's partitions. */
  @Get('head')
  @Header('cache-control', 'no-store')
  async head(
    @Req() request: FastifyRequest,
    @Param('tenant') tenant: string,
  ): Promise<{ tenant: string; heads: LogHead[] }> {
    const caller = await this.#callers.identify(request);
    if (caller.tenant !== tenant) throw logNotFound('such log');
    const heads = this.#logs
      .of(tenant)
      .flatMap((log) => (log.signed ? [headOf(log.name, log.verifierKey, log.signed)] : []));
    return { tenant, heads };
  }

  @Get(':partition/checkpoint')
  @Header('content-type', 'text/plain; charset=utf-8')
  @Header('cache-control', 'no-store')
  async checkpoint(
    @Req() request: FastifyRequest,
    @Param('tenant') tenant: string,
    @Param('partition') partition: string,
  ): Promise<string> {
    return (await this.#find(request, tenant, partition)).signed.note;
  }

  /** Tiles and bundles of the size that was signed, and of any smaller one. */
  @Get(':partition/tile/*')
  @Header('content-type', 'application/octet-stream')
  @Header('cache-control', 'private, max-age=31536000, immutable')
  async tile(
    @Req() request: FastifyRequest<{ Params: { readonly '*': string } }>,
    @Param('tenant') tenant: string,
    @Param('partition') partition: string,
  ): Promise<Uint8Array> {
    const { name, signed } = await this.#find(request, tenant, partition);
    const tile = parseTilePath(request.params['*']);
    const level = tile.level === 'entries' ? 0 : tile.level;
    const there = tile.width <= widthAt(level, tile.index, signed.size);
    const bytes = there ? await this.#logs.bytesOf(name, tile) : undefined;
    if (bytes) return bytes;
    throw logNotFound('such tile');
  }

  async #find(request: FastifyRequest, tenant: string, partition: string): Promise<SignedLog> {
    return signedLog(this.#logs, await this.#callers.identify(request), tenant, partition);
  }
}

function headOf({ partition }: LogName, key: string, { size, root, note }: SignedLog['signed']): LogHead {
  const origin = note.slice(0, note.indexOf('\n'));
  return { partition, origin, size, root: digestOf(root), checkpoint: note, key };
}
