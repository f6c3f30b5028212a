/**
 * Boundaries, file by file: the layers' arrows, no cycles, no orphans, pure libraries that stay pure.
 * ESLint says the same of imports by package name as they are written; this looks at where they lead.
 */
const { arrows, forTests, layers, pureProjects } = require('./tools/layers.mjs');

const byProject = layers();
const tests = '\\.(spec|test|suite|features|fixture)\\.ts$';
/** Matches any of these folders; matches nothing where there are none. */
const under = (projects) => (projects.length > 0 ? `^(${projects.join('|')})/` : '^$');
const projectsOf = (names) => Object.keys(byProject).filter((project) => names.includes(byProject[project]));

const arrowRules = Object.entries(byProject).map(([project, layer]) => ({
  name: `arrows-of-${layer}`,
  comment: `${layer} may import: ${arrows[layer].join(', ') || 'nothing'} (tools/layers.mjs).`,
  severity: 'error',
  from: { path: `^${project}/`, pathNot: tests },
  to: { path: '^(libs|apps|bench)/', pathNot: [`^${project}/`, under(projectsOf(arrows[layer]))] },
}));

module.exports = {
  forbidden: [
    ...arrowRules,
    {
      name: 'arrows-of-tests',
      comment: 'Specs stay below the apps, besides their own.',
      severity: 'error',
      from: { path: `^(libs|apps/(?!cli/))([^/]+)/.*${tests}` },
      to: { path: '^apps/', pathNot: ['^$1$2/', under(projectsOf(forTests))] },
    },
    {
      name: 'tests-stay-out',
      comment: 'What ships does not import what only tests run, nor a test tool.',
      severity: 'error',
      from: { path: '^(libs(?!/testing/)|apps|bench)/', pathNot: tests },
      to: { path: [tests, '(^|/)node_modules/(@jest|jest|fast-check)/'] },
    },
    {
      name: 'no-circular',
      comment: 'A cycle has no bottom to start reading at. Types may refer to each other.',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'no-orphans',
      comment: 'Nobody imports it and it imports nobody: wire it in or remove it.',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: [tests, '/src/(main|index)\\.ts$', '\\.d\\.ts$', '(^|/)summit\\.app\\.ts$', '\\.config\\.'],
      },
      to: {},
    },
    {
      name: 'pure-imports-no-node',
      comment: 'Pure libraries import neither Node nor a driver: effects come in as ports.',
      severity: 'error',
      from: { path: under(pureProjects), pathNot: tests },
      to: { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
    },
    {
      name: 'only-kernel-hashes',
      comment: 'Hash functions live in the kernel.',
      severity: 'error',
      from: { path: under(pureProjects), pathNot: [tests, '^libs/kernel/'] },
      to: { dependencyTypes: ['core'], path: '^(node:)?crypto$' },
    },
    {
      name: 'pure-imports-no-driver',
      comment: 'Of packages, pure libraries may use what computes: Zod, JSON Patch, JSON Schema.',
      severity: 'error',
      from: { path: under(pureProjects), pathNot: tests },
      to: { path: 'node_modules/', pathNot: 'node_modules/(zod|fast-json-patch|ajv|ajv-formats)/' },
    },
    {
      name: 'not-unresolvable',
      comment: 'It can not be found; is it in package.json?',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['(^|/)bench/peers/', '(^|/)dist/', '(^|/)\\.summit/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
    cache: { folder: '.summit/cache/depcruise', strategy: 'content' },
  },
};
