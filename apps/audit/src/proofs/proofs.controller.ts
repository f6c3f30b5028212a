import { Controller, Get, Header, Inject, Param, Req } from '@nestjs/common';
import { partitionToken } from '@summit/kernel';
import { Callers } from '@summit/platform/http';
import {
  decodeBundle,
  digestOf,
  encodeProof,
  inclusionProof,
  TILE_WIDTH,
  widthAt,
} from '@summit/transparency-log';
import { type FastifyRequest } from 'fastify';
import { AuditLogs } from '../logs/audit-logs.ts';
import { logNotFound, notLogged, tileMissing } from '../logs/errors.ts';
import { reader } from '../logs/logs-digest.ts';
import { signedLog, type SignedLog } from '../logs/signed-log.ts';
import { commitIdOf, parseCommitId } from './commit-id.ts';

/** That a commit stands in its tenant's log. Hashes are hexadecimal. */
interface ProofView {
  /** Of the commit; an event's id is this and its number. */
  readonly commitId: string;
  /** SHA-256 of the commit's line as stored. */
  readonly digest: string;
  /** The leaf: the commit's `tenantIndex`. */
  readonly index: number;
  readonly size: number;
  readonly root: string;
  /** The audit path, the leaf's sibling first. */
  readonly proof: readonly string[];
  /** The signed note. */
  readonly checkpoint: string;
  /** What verifies it. */
  readonly key: string;
  /** All of it as a C2SP tlog-proof. */
  readonly text: string;
}

@Controller('v1/proofs')
export class ProofsController {
  readonly #logs: AuditLogs;
  readonly #callers: Callers;

  constructor(@Inject(AuditLogs) logs: AuditLogs, @Inject(Callers) callers: Callers) {
    this.#logs = logs;
    this.#callers = callers;
  }

  /** Of a commit or of one of its events; the whole commit is the leaf. */
  @Get(':eventId')
  @Header('cache-control', 'no-store')
  async proof(@Req() request: FastifyRequest, @Param('eventId') id: string): Promise<ProofView> {
    const caller = await this.#callers.identify(request);
    const name = parseCommitId(id);
    if (!name) throw logNotFound('such event');
    const log = signedLog(this.#logs, caller, name.tenant, partitionToken(name.partition));
    if (name.index >= log.signed.size) throw notLogged(commitIdOf(name));
    return this.#prove(log, name.index);
  }

  async #prove(
    { name, signed: { size, root, note }, verifierKey }: SignedLog,
    index: number,
  ): Promise<ProofView> {
    const proof = await inclusionProof(index, size, reader(this.#logs.tiles, name));
    return {
      commitId: commitIdOf({ ...name, index }),
      digest: await this.#digest(name, index, size),
      index,
      size,
      root: digestOf(root),
      proof: proof.map(digestOf),
      checkpoint: note,
      key: verifierKey,
      text: encodeProof({ index, proof, checkpoint: note }),
    };
  }

  async #digest(name: SignedLog['name'], index: number, size: number): Promise<string> {
    const bundle = Math.floor(index / TILE_WIDTH);
    const tile = { level: 'entries' as const, index: bundle, width: widthAt(0, bundle, size) };
    const bytes = await this.#logs.tiles.read(name, tile);
    const entry = bytes && decodeBundle(bytes, tile.width)[index % TILE_WIDTH];
    if (entry) return digestOf(entry);
    throw tileMissing(tile);
  }
}
