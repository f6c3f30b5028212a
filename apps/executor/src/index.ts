export { executorConfig, type ExecutorConfig } from './config.ts';
export { ExecutorModule } from './executor.module.ts';
export { type ExecutorServiceOptions } from './executor.service.ts';
