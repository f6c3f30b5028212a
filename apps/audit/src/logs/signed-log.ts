import { type Identity } from '@summit/platform';
import { type LogName } from '@summit/transparency-log';
import { type AuditLogs } from './audit-logs.ts';
import { logNotFound } from './errors.ts';
import { type Signed } from './tenant-log.ts';

/** A log of which something was signed, as it was then. */
export interface SignedLog {
  readonly name: LogName;
  readonly signed: Signed;
  readonly verifierKey: string;
}

/** The log that a path or an id names, where it is the caller's own. Throws `LOG_NOT_FOUND`. // I8 */
export function signedLog(
  logs: AuditLogs,
  caller: Pick<Identity, 'tenant'>,
  tenant: string,
  partition: string,
): SignedLog {
  const own = caller.tenant === tenant && /^\d{2}$/.test(partition);
  const log = own ? logs.find(tenant, Number(partition)) : undefined;
  if (log?.signed) return { name: log.name, signed: log.signed, verifierKey: log.verifierKey };
  throw logNotFound('such log');
}
