import { sql, type Kysely } from 'kysely';
import { SCHEMA } from '../pool.ts';
import { QUERY } from '../provision.ts';

/** Tables with a `tenant` column, which row-level security guards. */
const tenantTables = `
CREATE TABLE commits (
  tenant text NOT NULL, commit_id text NOT NULL, partition integer NOT NULL, sequence bigint NOT NULL, line text NOT NULL,
  PRIMARY KEY (tenant, commit_id)
);
CREATE TABLE runs (
  tenant text NOT NULL, run_id text NOT NULL, partition integer, thread text, workflow text, started_by text,
  status text, paused boolean, version bigint, executor text, created_at bigint, updated_at bigint, ended_at bigint,
  created_in text, ended_in text, caused_by text NOT NULL,
  PRIMARY KEY (tenant, run_id)
) WITH (fillfactor = 80);
CREATE TABLE steps (
  tenant text NOT NULL, run_id text NOT NULL, step integer NOT NULL, kind text, effect text, tool text, action_hash text,
  phase text, attempt integer, executor text, proposed_at bigint, settled_at bigint, proposed_in text,
  caused_by text NOT NULL,
  PRIMARY KEY (tenant, run_id, step)
) WITH (fillfactor = 80);
CREATE TABLE decisions (
  tenant text NOT NULL, commit_id text NOT NULL, n integer NOT NULL, entity_kind text, entity_id text, entry text,
  verdict text, policy text, actor text, at bigint, caused_by text NOT NULL,
  PRIMARY KEY (tenant, commit_id, n)
);
CREATE TABLE threads (
  tenant text NOT NULL, thread text NOT NULL, partition integer, last_run text, created_at bigint, updated_at bigint,
  created_in text, caused_by text NOT NULL,
  PRIMARY KEY (tenant, thread)
) WITH (fillfactor = 80);
CREATE TABLE messages (
  tenant text NOT NULL, run_id text NOT NULL, index integer NOT NULL, role text, at bigint, commit_id text, n integer,
  caused_by text NOT NULL,
  PRIMARY KEY (tenant, run_id, index)
);
CREATE TABLE state_versions (
  tenant text NOT NULL, commit_id text NOT NULL, n integer NOT NULL, entity_kind text, entity_id text,
  state_version bigint, actor text, at bigint, caused_by text NOT NULL,
  PRIMARY KEY (tenant, commit_id, n)
);
CREATE TABLE approvals (
  tenant text NOT NULL, approval text NOT NULL, run_id text, step integer, about text, status text, action_hash text,
  quorum integer, expires_at bigint, requested_at bigint, settled_at bigint, requested_in text, shown_in text,
  caused_by text NOT NULL,
  PRIMARY KEY (tenant, approval)
) WITH (fillfactor = 80);
CREATE TABLE answers (
  tenant text NOT NULL, commit_id text NOT NULL, n integer NOT NULL, approval text, decision text, outcome text,
  action_hash text, actor text, at bigint, caused_by text NOT NULL,
  PRIMARY KEY (tenant, commit_id, n)
);`;

const indexes = `
CREATE INDEX runs_by_time ON runs (tenant, created_at, run_id);
CREATE INDEX runs_of_thread ON runs (tenant, thread, created_at);
CREATE INDEX runs_open ON runs (tenant, created_at, run_id) WHERE status IN ('pending', 'running');
CREATE INDEX threads_by_time ON threads (tenant, created_at, thread);
CREATE INDEX approvals_by_time ON approvals (tenant, requested_at, approval);
CREATE INDEX approvals_of_run ON approvals (tenant, run_id);
CREATE INDEX answers_of ON answers (tenant, approval);
CREATE INDEX state_versions_of ON state_versions (tenant, entity_id, state_version);`;

/** No tenant's data: how far each partition's journal is in. */
const positions = `
CREATE TABLE positions (
  partition integer NOT NULL, generation integer NOT NULL, sequence bigint NOT NULL, digest text NOT NULL,
  epoch bigint NOT NULL, at bigint NOT NULL,
  PRIMARY KEY (partition, generation)
);`;

const histories = ['decisions', 'messages', 'state_versions', 'answers'];
const tables = ['commits', 'runs', 'steps', 'threads', 'approvals', ...histories];

/** Forced: it holds for the owner too, who has a policy of its own to write everybody's rows. // I8 */
const rowSecurity = (table: string): string => `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
ALTER TABLE ${table} FORCE ROW LEVEL SECURITY;
CREATE POLICY one_tenant ON ${table} FOR SELECT TO ${QUERY} USING (tenant = current_setting('summit.tenant', true));
CREATE POLICY projection ON ${table} FOR ALL TO CURRENT_USER USING (true) WITH CHECK (true);`;

export async function up(db: Kysely<unknown>): Promise<void> {
  const statements = [
    `SET LOCAL search_path TO ${SCHEMA};`,
    ...[tenantTables, indexes, positions],
    ...tables.map(rowSecurity),
    `GRANT USAGE ON SCHEMA ${SCHEMA} TO ${QUERY};`,
    `GRANT SELECT ON ${[...tables, 'positions'].join(', ')} TO ${QUERY};`,
  ];
  await sql.raw(statements.join('\n')).execute(db);
}
