/**
 * Lint rules: typescript-eslint's strictest sets, then what docs and CONTRIBUTING.md ask for. Each exception says why.
 */
import { basename } from 'node:path';
import js from '@eslint/js';
import { createProjectGraphAsync } from '@nx/devkit';
import nx from '@nx/eslint-plugin/nx';
import { defineConfig, globalIgnores } from 'eslint/config';
import prettier from 'eslint-config-prettier/flat';
import globals from 'globals';
import tseslint from 'typescript-eslint';
import { arrows, forTests, layers, pureProjects, testFiles } from './tools/layers.mjs';

// The boundary rule reads Nx's cached graph and skips itself where there is none: make it now, in this process.
process.env['NX_DAEMON'] = 'false';
process.env['NX_ISOLATE_PLUGINS'] = 'false';
await createProjectGraphAsync({ exitOnError: true });

const tags = (names) => names.map((name) => `layer:${name}`);
const nameOf = (project) => `@summit/${basename(project)}`;
const pairs = (names) => names.flatMap((name, i) => names.slice(i + 1).map((other) => [name, other]));
const boundaries = (more = []) => [
  'error',
  {
    // An app is imported by nobody but the command line, which the arrows say; Nx would forbid it to all.
    allow: Object.entries(layers())
      .filter(([, layer]) => layer === 'app')
      .map(([project]) => nameOf(project)),
    // Specs put edges into Nx's graph that shipped code has not; cycles are dependency-cruiser's, file by file.
    ignoredCircularDependencies: pairs(Object.keys(layers()).map(nameOf)),
    depConstraints: Object.entries(arrows).map(([layer, targets]) => ({
      sourceTag: `layer:${layer}`,
      onlyDependOnLibsWithTags: tags([...new Set([...targets, ...more])]),
    })),
  },
];

const chanceAndClock = [
  { object: 'Date', property: 'now', message: 'Time comes in with the command; shells read the clock.' },
  { object: 'Math', property: 'random', message: 'Chance comes in as a parameter.' },
  {
    object: 'performance',
    property: 'now',
    message: 'Time comes in with the command; shells read the clock.',
  },
  { object: 'crypto', property: 'randomUUID', message: 'Ids come in as parameters.' },
];
const environment = {
  object: 'process',
  property: 'env',
  message: 'Configuration is read once, in config.ts, and handed on.',
};
const drivers = [
  '@nestjs/*',
  '@nats-io/*',
  '@open-policy-agent/*',
  'pg',
  'kysely',
  'neo4j-driver',
  'fastify',
  'pino',
];
const pureImports = (nodeModules, message) => ({
  patterns: [
    {
      group: drivers,
      message: 'A pure library imports no framework and no driver: effects come in as ports.',
    },
    { group: nodeModules, message },
  ],
});
const effectGlobals = ['setTimeout', 'setInterval', 'setImmediate', 'fetch', 'console', 'process'].map(
  (name) => ({
    name,
    message: 'An effect: it comes in as a port.',
  }),
);

const focused = [
  {
    selector:
      'CallExpression[callee.object.name=/^(describe|it|test)$/][callee.property.name=/^(only|skip|todo)$/]',
    message: 'A test is run or removed, never skipped or singled out.',
  },
  {
    selector: 'CallExpression[callee.name=/^([fx]it|[fx]describe|xtest)$/]',
    message: 'A test is run or removed.',
  },
];
const currentDate = {
  selector: "NewExpression[callee.name='Date'][arguments.length=0]",
  message: 'Time comes in with the command; shells read the clock.',
};

export default defineConfig(
  globalIgnores(['**/node_modules/', '**/dist/', '.summit/', '.nx/', 'coverage/', '**/fixtures/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  prettier,
  {
    plugins: { '@nx': nx },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      eqeqeq: 'error',
      'no-console': 'error',
      'no-warning-comments': 'error',
      // A switch over a union counts once.
      complexity: ['error', { max: 15, variant: 'modified' }],
      'max-depth': ['error', 4],
      'max-params': ['error', 5],
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/prefer-readonly': 'error',
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // A Nest module is an empty class that carries a decorator.
      '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true }],
      // A type alias is assignable to JSON, an interface is not: both have their use.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // In-memory twins implement asynchronous ports.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.ts'],
    rules: { '@nx/enforce-module-boundaries': boundaries() },
  },
  {
    // Configuration is read in one place of each app; the rest is given it.
    files: ['libs/**/*.ts', 'apps/**/*.ts'],
    ignores: [
      'libs/platform/**',
      'libs/servers/**',
      'apps/cli/**',
      'apps/*/src/{main,config}.ts',
      ...testFiles,
    ],
    rules: { 'no-restricted-properties': ['error', environment] },
  },
  {
    files: pureProjects.map((project) => `${project}/**/*.ts`),
    ignores: testFiles,
    rules: {
      'no-restricted-properties': ['error', ...chanceAndClock, environment],
      'no-restricted-syntax': ['error', currentDate],
      'no-restricted-globals': ['error', ...effectGlobals],
      'no-restricted-imports': ['error', pureImports(['node:*'], 'A pure library imports nothing of Node.')],
    },
  },
  {
    files: ['libs/kernel/src/**/*.ts'],
    ignores: testFiles,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            ...pureImports(['node:*', '!node:crypto'], 'Of Node, the kernel imports hash functions alone.')
              .patterns,
            {
              group: ['node:crypto'],
              allowImportNames: ['hash', 'createHash'],
              message: 'Hash functions alone.',
            },
          ],
        },
      ],
    },
  },
  {
    // What runs inside a workflow must come out the same on replay; `serve` is the shell around it.
    files: ['libs/sdk/**/*.ts'],
    ignores: ['libs/sdk/src/serve*', 'libs/sdk/src/serve/**', ...testFiles],
    rules: {
      'no-restricted-properties': ['error', ...chanceAndClock, environment],
      'no-restricted-syntax': ['error', currentDate],
      'no-restricted-imports': [
        'error',
        pureImports(['node:*', '!node:async_hooks'], 'Of Node, the SDK imports AsyncLocalStorage alone.'),
      ],
    },
  },
  {
    files: testFiles,
    rules: {
      '@nx/enforce-module-boundaries': boundaries(forTests),
      'no-restricted-syntax': ['error', ...focused],
      'max-lines': ['error', { max: 500, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/no-empty-function': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    // Nest declares its options as classes and takes object literals.
    files: ['apps/**/*.ts', 'libs/platform/**/*.ts'],
    rules: { '@typescript-eslint/no-unsafe-class-instance-assignment': 'off' },
  },
  {
    // Programs for a terminal.
    files: ['apps/cli/**', 'bench/**', 'tools/**', 'examples/**'],
    rules: { 'no-console': 'off' },
  },
  {
    // The start of somebody's own app: its tests are Node's, which are waited for by the runner.
    files: ['apps/cli/templates/**/*.test.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': [
        'error',
        { allowForKnownSafeCalls: [{ from: 'package', package: 'node:test', name: 'test' }] },
      ],
    },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    languageOptions: { globals: globals.node },
  },
  {
    files: ['**/*.cjs'],
    rules: { '@typescript-eslint/no-require-imports': 'off' },
  },
);
