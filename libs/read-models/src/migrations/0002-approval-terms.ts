import { type Kysely, sql } from 'kysely';
import { SCHEMA } from '../pool.ts';

/** Everything that is projected: what the new column needs of rows that are there stands in the journal alone. */
const projected = [
  ...[
    'commits',
    'runs',
    'steps',
    'decisions',
    'threads',
    'messages',
    'state_versions',
    'approvals',
    'answers',
  ],
  'positions',
];

/** Names the commit that set the terms of a question last: others may be asked than those who were asked first. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `ALTER TABLE ${SCHEMA}.approvals ADD COLUMN terms_in text;`,
    `TRUNCATE ${projected.map((table) => `${SCHEMA}.${table}`).join(', ')};`,
  ];
  await sql.raw(statements.join('\n')).execute(db);
}
