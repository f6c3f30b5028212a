/**
 * The arrows of the architecture, in one place: ESLint (by Nx tags) and dependency-cruiser (by paths) both read
 * them here. A project says its layer in its package.json: `"nx": {"tags": ["layer:port"]}`.
 */
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

/** What the shipped code of each layer may import from the workspace, besides its own project. */
export const arrows = {
  kernel: [],
  contract: ['kernel'],
  domain: ['domain', 'contract', 'kernel'],
  port: ['port', 'domain', 'contract', 'kernel'],
  adapter: ['port', 'domain', 'contract', 'kernel'],
  sdk: ['sdk', 'domain', 'contract', 'kernel'],
  runtime: ['port', 'domain', 'sdk', 'contract', 'kernel'],
  platform: ['kernel'],
  servers: ['kernel', 'platform'],
  testing: ['port', 'domain', 'sdk', 'contract', 'kernel', 'adapter', 'runtime', 'platform', 'servers'],
  app: ['port', 'domain', 'sdk', 'contract', 'kernel', 'adapter', 'runtime', 'platform', 'servers'],
  bench: ['port', 'domain', 'sdk', 'contract', 'kernel', 'adapter', 'runtime', 'platform', 'servers'],
  cli: [
    'bench',
    'app',
    'port',
    'domain',
    'sdk',
    'contract',
    'kernel',
    'adapter',
    'runtime',
    'platform',
    'servers',
  ],
};

/** Specs, and the suites that they share, may lean on anything below the apps. */
export const forTests = ['testing', ...arrows.testing];

/** Code that only tests run: its name says so. */
export const testFiles = [
  '**/*.spec.ts',
  '**/*.test.ts',
  '**/*.suite.ts',
  '**/*.features.ts',
  '**/*.fixture.ts',
];

/** No effects here: no clock, no chance, no environment, no driver. They come in as parameters and ports. */
export const pureProjects = [
  'kernel',
  'events',
  'engine',
  'policy',
  'transparency-log',
  'prov',
  'streams',
].map((name) => `libs/${name}`);

/** `{ 'libs/kernel': 'kernel', … }`, as the projects' package.json say. */
export function layers() {
  const projects = [
    ...['libs', 'apps'].flatMap((parent) => foldersIn(parent).map((name) => `${parent}/${name}`)),
    'bench',
  ];
  return Object.fromEntries(projects.map((project) => [project, layerOf(project)]));
}

function foldersIn(parent) {
  const folders = readdirSync(join(root, parent), { withFileTypes: true }).filter((entry) =>
    entry.isDirectory(),
  );
  return folders
    .map((entry) => entry.name)
    .filter((name) => existsSync(join(root, parent, name, 'package.json')));
}

function layerOf(project) {
  const { nx } = JSON.parse(readFileSync(join(root, project, 'package.json'), 'utf8'));
  const layer = nx?.tags?.find((tag) => tag.startsWith('layer:'))?.slice('layer:'.length);
  if (!(layer in arrows)) {
    throw new Error(`${project}/package.json needs an nx tag layer:<${Object.keys(arrows).join('|')}>`);
  }
  return layer;
}
