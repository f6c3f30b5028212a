import type { Command } from 'commander';
import { DEVELOPER, TENANT } from '../api-client.ts';
import { developmentToken } from '../development-token.ts';
import { runs } from '../verb.ts';

export function addToken(program: Command): void {
  const command = program
    .command('token')
    .description('a development token, for Authorization: Bearer and for SUMMIT_TOKEN')
    .option('--tenant <tenant>', `whose (default: ${TENANT})`)
    .option('--user <user>', `who (default: ${DEVELOPER.user})`)
    .option('--role <roles...>', `as what (default: ${DEVELOPER.roles.join(' ')})`)
    .option('--data <dir>', 'where the stack keeps its data (default: .summit/run)');
  runs(command, async (given) => {
    const tenant = given.text('tenant') ?? TENANT;
    const user = given.text('user') ?? DEVELOPER.user;
    const roles = given.texts('role') ?? DEVELOPER.roles;
    const token = await developmentToken(given, { tenant, user, roles });
    return { document: { ok: true, tenant, user, roles, token }, text: token };
  });
}
