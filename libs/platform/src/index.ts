export { list, readConfig, redacted, wholeNumber } from './config.ts';
export { DevelopmentTokens, type Identity } from './development-tokens.ts';
export { dtoOf, invalidBody, readDto } from './dto.ts';
export { standBack, threadEnd } from './in-thread.ts';
export { KeptThread, type KeptThreadOptions } from './kept-thread.ts';
export { makeLog } from './log.ts';
export { type RunningService, runService, runServiceThread } from './service.ts';
export { exportTo, startTelemetry, type Telemetry } from './telemetry.ts';
export { newTraceparent, traceIdOf } from './trace.ts';
