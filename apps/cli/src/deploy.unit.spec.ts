/** What docker-compose.yml and the Dockerfile say, held against what the services read. No engine is needed. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { apiConfig } from '@summit/api';
import { auditConfig } from '@summit/audit';
import { executorConfig } from '@summit/executor';
import { orchestratorConfig } from '@summit/orchestrator';
import { readConfig } from '@summit/platform';
import { policyGatewayConfig } from '@summit/policy-gateway';
import { provenanceGraphConfig } from '@summit/provenance-graph';
import { repositoryRoot } from '@summit/servers';
import { parse } from 'yaml';
import { z } from 'zod';
import { servicesOf } from './supervisor/services.ts';

const fileText = (...path: string[]): string => readFileSync(join(repositoryRoot, ...path), 'utf8');

const environment = z.record(z.string(), z.coerce.string()).default({});
const composeService = z.looseObject({
  image: z.string().optional(),
  build: z.object({ context: z.literal('.'), args: z.object({ SERVICE: z.string() }) }).optional(),
  command: z.array(z.string()).default([]),
  environment,
  profiles: z.array(z.string()).default([]),
  ports: z.array(z.string()).default([]),
  volumes: z.array(z.string()).default([]),
});
const compose = z
  .looseObject({
    services: z.record(z.string(), composeService),
    volumes: z.record(z.string(), z.null()),
  })
  .parse(parse(fileText('docker-compose.yml').replaceAll(/\$\{\w+:-([^}]*)\}/g, '$1'), { merge: true }));

const configs = {
  api: apiConfig,
  audit: auditConfig,
  executor: executorConfig,
  orchestrator: orchestratorConfig,
  'policy-gateway': policyGatewayConfig,
  'provenance-graph': provenanceGraphConfig,
};
const isConfigured = (app: string): app is keyof typeof configs => Object.hasOwn(configs, app);

/** What the Dockerfile itself sets. */
const imageEnvironment = (app: string): Record<string, string> => ({
  NODE_ENV: 'production',
  SUMMIT_SERVICE: app,
  SUMMIT_DATA: '/data',
});

const built = Object.entries(compose.services).flatMap(([name, { build, ...rest }]) =>
  build ? [{ name, app: build.args.SERVICE, ...rest }] : [],
);
const ofApps = built.filter(({ app }) => isConfigured(app));
const busOf = (variables: Readonly<Record<string, string>>): URL =>
  new URL(variables['SUMMIT_NATS_URL'] ?? '');

const plan = {
  dataDir: '/data',
  distributed: true,
  partitions: 1,
  apiPort: 4000,
  natsPort: 4222,
  tenant: 'acme',
};

describe('docker-compose.yml', () => {
  it.each(ofApps)(
    'gives $name what its configuration needs, and nothing that it does not read',
    (service) => {
      if (!isConfigured(service.app)) throw new Error(`${service.app} has no configuration`);
      const schema = configs[service.app];
      expect(() =>
        readConfig(schema, { ...imageEnvironment(service.app), ...service.environment }),
      ).not.toThrow();
      const known = Object.keys(schema.shape);
      expect(Object.keys(service.environment).filter((name) => !known.includes(name))).toEqual([]);
    },
  );

  it('has every service of a stack whose services stand apart, as the same user of the bus', () => {
    const names = ({ user, name }: { user: string; name: string }): string => `${name} as ${user}`;
    const inCompose = ofApps.map(({ name, environment: { ...own } }) => ({
      name,
      user: busOf(own).username,
    }));
    const inStack = servicesOf(plan).map(({ name, natsUser }) => ({ name, user: natsUser }));
    expect(inCompose.map(names).sort()).toEqual(inStack.map(names).sort());
  });

  it('gives NATS a password for each of its users, and services the same ones', () => {
    const accounts = fileText('deploy', 'nats', 'accounts.conf');
    const wanted = [...accounts.matchAll(/\$(SUMMIT_NATS_\w+)/g)].map(([, name]) => name);
    const given = compose.services['nats']?.environment ?? {};
    expect(Object.keys(given).sort()).toEqual([...new Set(wanted)].sort());
    for (const { environment: own } of built) {
      const { username, password } = busOf(own);
      expect(password).toBe(given[`SUMMIT_NATS_${username.toUpperCase()}_PASSWORD`]);
    }
  });

  it('gives the api the roles that PostgreSQL is made with, and the graph the user of Neo4j', () => {
    const { api, postgres, neo4j } = compose.services;
    const roles = fileText('deploy', 'postgres', 'roles.sql');
    for (const [variable, role] of [
      ['SUMMIT_POSTGRES_URL', 'projector'],
      ['SUMMIT_POSTGRES_QUERY_URL', 'query'],
    ] as const) {
      const { username, password, pathname } = new URL(api?.environment[variable] ?? '');
      expect([username, pathname]).toEqual([`summit_${role}`, '/summit']);
      const passwordVariable = `SUMMIT_POSTGRES_${role.toUpperCase()}_PASSWORD`;
      expect(postgres?.environment[passwordVariable]).toBe(password);
      expect(roles).toContain(`CREATE ROLE ${username} LOGIN`);
      expect(roles).toContain(`\\getenv ${role} ${passwordVariable}`);
    }
    const graph = new URL(compose.services['provenance-graph']?.environment['SUMMIT_NEO4J_URL'] ?? '');
    expect(neo4j?.environment['NEO4J_AUTH']).toBe(`${graph.username}/${graph.password}`);
  });

  it('syncs every write on each nats-server, of which the profile cluster has three that know each other', () => {
    expect(fileText('deploy', 'nats', 'server.conf')).toMatch(/^\s*sync_interval: always$/m);
    const servers = Object.entries(compose.services).filter(([, { image }]) => image?.startsWith('nats:'));
    for (const [name, { command, volumes }] of servers) {
      expect(command.slice(0, 4)).toEqual(['-c', '/etc/summit/server.conf', '-n', name]);
      expect(volumes).toContain('./deploy/nats:/etc/summit:ro');
    }
    const members = servers.filter(([, { profiles }]) => profiles.includes('cluster'));
    expect(members).toHaveLength(3);
    const routes = members.map(([name]) => `nats://${name}:6222`).join(',');
    for (const [, { command }] of members) expect(command).toContain(routes);
  });

  it('takes servers of the versions that a stack takes', () => {
    const images = Object.values(compose.services).flatMap(({ image }) => image ?? []);
    expect([...new Set(images)].sort()).toEqual(['nats:2.15.2-alpine', 'neo4j:5.26', 'postgres:18']);
  });

  it('publishes on loopback alone, and declares the volumes that it names', () => {
    for (const { ports, volumes } of Object.values(compose.services)) {
      expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
      const named = volumes.map((volume) => volume.split(':')[0] ?? '').filter((from) => /^\w/.test(from));
      expect(named.filter((name) => !Object.hasOwn(compose.volumes, name))).toEqual([]);
    }
  });
});

describe('the Dockerfile', () => {
  const dockerfile = fileText('Dockerfile');

  it('starts a service as a stack does', () => {
    const command = servicesOf(plan).find(({ name }) => name === 'orchestrator')?.command ?? [];
    const flags = command.slice(1, command.indexOf('--import')).join(' ');
    expect(flags).toContain('--max-semi-space-size');
    expect(dockerfile).toContain(`exec node ${flags} --import ./tools/decorators.mjs`);
    for (const [name, value] of Object.entries(imageEnvironment('${SERVICE}')))
      expect(dockerfile).toContain(`${name}=${value}`);
  });

  it('names every service, and puts OPA where the policy-gateway is told that it is', () => {
    for (const app of Object.keys(configs))
      expect(dockerfile).toMatch(new RegExp(`# SERVICE:.*\\b${app}\\b`));
    const opa = compose.services['policy-gateway']?.environment['SUMMIT_OPA'] ?? 'nowhere';
    expect(dockerfile).toContain(`cp /tmp/opa ${opa}`);
  });

  it('leaves out nothing that what ships imports', () => {
    const left = fileText('.dockerignore').split('\n');
    const folders = left.filter((line) => /^\w[\w/-]*$/.test(line));
    const projects = globSync('{apps/*,libs/*,bench}/package.json', { cwd: repositoryRoot });
    const shipped = globSync('{apps/*,libs/*,bench}/src/**/*.ts', { cwd: repositoryRoot }).filter(
      (file) => !/\.(spec|suite|fixture)\.ts$/.test(file),
    );
    const outside = shipped.flatMap((file) =>
      [...fileText(file).matchAll(/from '(?:\.\.\/){2,}([^']+)'/g)].map(([, path = '']) => path),
    );
    expect(projects).toContain(join('bench', 'package.json'));
    const needed = [...projects, ...outside];
    expect(needed.filter((path) => folders.some((folder) => path.startsWith(`${folder}/`)))).toEqual([]);
  });
});
