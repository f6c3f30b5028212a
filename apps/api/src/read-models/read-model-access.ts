import { join } from 'node:path';
import { type NatsConnection } from '@nats-io/transport-node';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { natsObjectStore } from '@summit/journal-nats';
import { SummitError } from '@summit/kernel';
import { openPool, type ReadModelPool, ReadModels, readModelsAway } from '@summit/read-models';
import { FileKeyStore, Vault } from '@summit/vault';
import { type PartitionProgress, type Projector } from './projector.ts';

const MAX_CONNECTIONS = 8;

export interface ReadModelAccessOptions {
  readonly nc: NatsConnection;
  readonly dataDir: string;
  /** Of the role that queries. */
  readonly queryUrl: string;
}

/** How far the read models are, for `/readyz` and `/metrics`. */
export interface ReadModelsStanding {
  /** `off`: this api was started without them. */
  readonly state: 'off' | 'starting' | 'following' | 'waiting';
  readonly partitions: readonly (PartitionProgress & { readonly partition: number })[];
}

/** Asks the read models; while they are away, says how far behind they are. */
@Injectable()
export class ReadModelAccess implements OnApplicationShutdown {
  readonly #projector: Projector | undefined;
  readonly #pool: ReadModelPool | undefined;
  readonly #keys: FileKeyStore | undefined;
  readonly #models: ReadModels | undefined;

  constructor(options?: ReadModelAccessOptions, projector?: Projector) {
    this.#projector = projector;
    if (!options) return;
    const { nc, dataDir, queryUrl } = options;
    this.#keys = new FileKeyStore(join(dataDir, 'keys'));
    this.#pool = openPool(queryUrl, { max: MAX_CONNECTIONS });
    this.#models = new ReadModels({
      db: this.#pool.db,
      vault: new Vault(this.#keys),
      // Looked for each time: few commits refer to objects, and the store may not be there yet.
      objects: { get: async (tenant, digest) => (await natsObjectStore(nc)).get(tenant, digest) },
    });
  }

  /** Whether there is anything to ask. */
  get on(): boolean {
    return this.#models !== undefined;
  }

  get standing(): ReadModelsStanding {
    if (!this.#models) return { state: 'off', partitions: [] };
    const partitions = [...(this.#projector?.progress ?? [])]
      .map(([partition, progress]) => ({ partition, ...progress }))
      .sort((a, b) => a.partition - b.partition);
    const waiting = partitions.some(({ trouble }) => trouble !== undefined);
    return { state: waiting ? 'waiting' : partitions.length === 0 ? 'starting' : 'following', partitions };
  }

  /** Throws `READ_MODELS_UNAVAILABLE`, or what the question itself deserves. */
  async ask<T>(question: (models: ReadModels) => Promise<T>): Promise<T> {
    if (!this.#models) throw readModelsAway('this stack was started without PostgreSQL');
    try {
      return await question(this.#models);
    } catch (error) {
      if (error instanceof SummitError) throw error;
      throw readModelsAway(`PostgreSQL does not answer; ${this.#behind()}`, error);
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.#pool?.close();
    await this.#keys?.close();
  }

  #behind(): string {
    const { partitions } = this.standing;
    if (partitions.length === 0) return 'nothing is known of how far they are';
    const each = partitions.map(
      ({ partition, sequence = 0 }) => `${String(sequence)} of partition ${String(partition)}`,
    );
    return `they were at sequence ${each.join(', ')}`;
  }
}
