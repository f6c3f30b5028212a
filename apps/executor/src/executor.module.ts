import { type DynamicModule, Module } from '@nestjs/common';
import { EXECUTOR_OPTIONS, ExecutorService, type ExecutorServiceOptions } from './executor.service.ts';

@Module({})
export class ExecutorModule {
  static register(options: ExecutorServiceOptions): DynamicModule {
    return {
      module: ExecutorModule,
      providers: [{ provide: EXECUTOR_OPTIONS, useValue: options }, ExecutorService],
    };
  }
}
