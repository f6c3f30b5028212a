import { readFile, writeFile } from 'node:fs/promises';
import { canonicalJson, NotFoundError, sha256 } from '@summit/kernel';
import { entryFor, type PolicyAnswer, policyInputSchema } from '@summit/policy';
import {
  developmentKey,
  type Files,
  openBundle,
  opaPolicyEngine,
  readPolicies,
  releasePolicies,
  signBundle,
  tenantBundle,
  tenantFiles,
  testPolicies,
} from '@summit/policy-opa';
import { opaComponent, provide } from '@summit/servers';
import { Argument, type Command } from 'commander';
import { gatewayToken, gatewayUrl, post } from '../policy-gateway.ts';
import { dataDirOf } from '../supervisor/stack-plan.ts';
import { type Given, type Outcome, runs, table, wrongUsage } from '../verb.ts';

const DATA = ['--data <dir>', 'where the stack keeps its data and keys (default: .summit/run)'] as const;
const OUT = ['--out <file>', 'where it is written (default: policy.bundle.tar.gz)'] as const;

export function addPolicy(program: Command): void {
  const policy = program.command('policy').description('policies and their bundles').helpCommand(false);
  const directory = new Argument('[dir]', 'Rego files and data.json').default('policies');
  const bundle = new Argument('<bundle>', 'a bundle, as build writes it');
  runs(policy.command('test').description('run the tests beside the rules').addArgument(directory), test);
  runs(
    policy
      .command('build')
      .description('compile a directory into a bundle')
      .addArgument(directory)
      .option(...OUT),
    build,
  );
  runs(
    policy
      .command('sign')
      .description('sign a bundle with the development key')
      .addArgument(bundle)
      .option('--out <file>', 'where it is written (default: over the bundle)')
      .option(...DATA),
    sign,
  );
  runs(
    policy
      .command('push')
      .description('hand a signed bundle to the policy-gateway and order its activation')
      .addArgument(bundle)
      .option('--tenant <tenant>', 'whose policy it becomes (default: acme)')
      .option('--as <user>', 'who orders it (default: developer)')
      .option('--url <url>', 'the policy-gateway (default: SUMMIT_POLICY_URL, else the stack that is up)')
      .option('--rollback', 'it is an older bundle than the active one')
      .option(...DATA),
    push,
  );
  runs(
    policy
      .command('eval')
      .description('decide a question here, by a bundle, and say how long it took')
      .requiredOption('--input <file>', 'the question, as JSON: a decision’s recorded input')
      .option('--bundle <file>', 'default: the development bundle of the release'),
    evaluate,
  );
}

async function test(given: Given): Promise<Outcome> {
  const { development } = await releasePolicies();
  const files = tenantFiles(development.bytes, await policiesIn(given));
  const { passed, failed } = await testPolicies({ opa: await opaProgram(given), files });
  const lines = [
    ...failed.map((name) => `failed: ${name}`),
    `${String(passed)} passed, ${String(failed.length)} failed`,
  ];
  const ok = failed.length === 0;
  return { document: { ok, passed, failed }, text: lines.join('\n'), exitCode: ok ? 0 : 1 };
}

async function build(given: Given): Promise<Outcome> {
  const { development } = await releasePolicies();
  const files = await policiesIn(given);
  const needsOpa = [...files.keys()].some((name) => name.endsWith('.rego'));
  const bytes = await tenantBundle({
    base: development.bytes,
    files,
    ...(needsOpa && { opa: await opaProgram(given) }),
  });
  const { identity } = await openBundle(bytes, { pinned: sha256(bytes) });
  const file = given.text('out') ?? 'policy.bundle.tar.gz';
  await writeFile(file, bytes);
  return { document: { ok: true, file, ...identity }, text: `${file}\n${identity.bundle}` };
}

async function sign(given: Given): Promise<Outcome> {
  const file = bundleArgument(given);
  const key = developmentKey(dataDirOf(given.text('data')));
  const bytes = await signBundle(await read(file), key.signer);
  const { identity, signedBy } = await openBundle(bytes, { keys: [key.trusted] });
  const out = given.text('out') ?? file;
  await writeFile(out, bytes);
  const text = `${out}\n${identity.bundle}\nsigned by ${signedBy ?? ''}`;
  return { document: { ok: true, file: out, signedBy, ...identity }, text };
}

async function push(given: Given): Promise<Outcome> {
  const bytes = await read(bundleArgument(given));
  const headers = { authorization: `Bearer ${await gatewayToken(given)}` };
  const url = gatewayUrl(given);
  const bundle = sha256(bytes);
  await post(`${url}/v1/bundles`, { ...headers, 'content-type': 'application/gzip' }, Buffer.from(bytes));
  const body = JSON.stringify({ rollback: given.flag('rollback') });
  const json = { ...headers, 'content-type': 'application/json' };
  const ordered = await post(`${url}/v1/bundles/${bundle}/activate`, json, body);
  return { document: { ok: true, ...ordered }, text: `${bundle}\nits activation is ordered` };
}

async function evaluate(given: Given): Promise<Outcome> {
  const input: unknown = JSON.parse(new TextDecoder().decode(await read(given.text('input') ?? '')));
  const question = policyInputSchema.safeParse(input);
  if (!question.success) throw wrongUsage('--input holds no question to policy (libs/policy/src/input.ts)');
  const { root, development } = await releasePolicies();
  const file = given.text('bundle');
  const bytes = file === undefined ? undefined : await read(file);
  const bundle = bytes ? await openBundle(bytes, { pinned: sha256(bytes) }) : development;
  const engine = opaPolicyEngine({ root, fallback: bundle });
  const { tenant, action } = question.data;
  const request = { tenant, entry: entryFor(action.kind), input: canonicalJson(question.data) };
  engine.decide([request]); // the first one makes the instance
  const began = performance.now();
  const [answer] = engine.decide([request]);
  const microseconds = Math.round((performance.now() - began) * 1000);
  if (!answer) throw new Error('the engine did not answer');
  return {
    document: { ok: true, entry: request.entry, ...answer, microseconds },
    text: answerText(answer, microseconds),
  };
}

function answerText({ verdict, reasons, obligations, policy }: PolicyAnswer, microseconds: number): string {
  return table([
    ['verdict', verdict],
    ...reasons.map((reason) => ['reason', reason]),
    ...obligations.map(({ type, params }) => [type, JSON.stringify(params)]),
    ['policy', policy],
    ['took', `${String(microseconds)} µs`],
  ]);
}

async function policiesIn(given: Given): Promise<Files> {
  const directory = given.args[0] ?? 'policies';
  const files = await readPolicies(directory).catch(() => new Map<string, Uint8Array>());
  if (files.size > 0) return files;
  const next = 'Name a directory with Rego files or a data.json.';
  throw new NotFoundError('NO_POLICIES', `${directory} holds no policies`, next);
}

async function opaProgram(given: Given): Promise<string> {
  const provided = await provide(opaComponent, given.progress);
  if (provided.way !== 'url') return provided.program;
  throw new Error('OPA is a program, not a server');
}

function bundleArgument({ args }: Given): string {
  const [file] = args;
  if (file !== undefined) return file;
  throw wrongUsage('name a bundle');
}

async function read(file: string): Promise<Uint8Array> {
  try {
    return await readFile(file);
  } catch (cause) {
    const message = `${file} can not be read`;
    throw new NotFoundError('FILE_NOT_FOUND', message, 'Name a file that is there.', { cause });
  }
}
