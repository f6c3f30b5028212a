import 'reflect-metadata';
import { makeLog, readConfig, redacted, runService } from '@summit/platform';
import { auditConfig } from './config.ts';
import { serveAudit } from './serve.ts';

const config = readConfig(auditConfig, process.env);
const log = makeLog('audit', config.SUMMIT_LOG);

await runService('audit', log, (tracing) => {
  log.info(redacted(config), 'starts');
  return serveAudit(config, log, tracing);
});
