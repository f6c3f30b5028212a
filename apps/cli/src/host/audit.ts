/** The transparency logs in a thread of the host. */
import 'reflect-metadata';
import { auditConfig, serveAudit } from '@summit/audit';
import { runServiceThread } from '@summit/platform';

await runServiceThread('audit', auditConfig, serveAudit);
