/** The transparency logs in a thread of the host. */
import 'reflect-metadata';
import { parentPort } from 'node:worker_threads';
import { auditConfig, serveAudit } from '@summit/audit';
import { makeLog, readConfig } from '@summit/platform';

const host = parentPort;
if (!host) throw new Error('the audit runs as a thread of the host');

const config = readConfig(auditConfig, process.env);
const service = await serveAudit(config, makeLog('audit', config.SUMMIT_LOG));
host.once('message', () => void service.close().finally(() => host.close()));
