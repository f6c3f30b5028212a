import 'reflect-metadata';
import { runService } from '@summit/platform';
import { auditConfig } from './config.ts';
import { serveAudit } from './serve.ts';

await runService('audit', auditConfig, serveAudit);
