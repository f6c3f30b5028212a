/** Every service in one process: the same modules, another composition root. */
import 'reflect-metadata';
import { Inject, Module } from '@nestjs/common';
import { ApiModule, apiConfig, serveHttp } from '@summit/api';
import { ExecutorModule, executorConfig } from '@summit/executor';
import { Orchestrator, orchestratorConfig, OrchestratorModule } from '@summit/orchestrator';
import { makeLog, readConfig, redacted, runService } from '@summit/platform';
import {
  type Answer,
  type Command,
  type CommandGateway,
  InProcessLink,
  type PartitionFigures,
  type RunQuery,
} from '@summit/runtime';

const config = readConfig(
  orchestratorConfig.extend(executorConfig.shape).extend(apiConfig.shape),
  process.env,
);
const log = makeLog('summit', config.SUMMIT_LOG);

/** The orchestrator's gateway, once Nest has made the orchestrator. */
class LateGateway implements CommandGateway {
  #orchestrator: Orchestrator | undefined;

  bind(orchestrator: Orchestrator): void {
    this.#orchestrator = orchestrator;
  }

  get ready(): boolean {
    return this.#orchestrator?.ready ?? false;
  }

  submit(command: Command): Promise<Answer> {
    return this.#bound().submit(command);
  }

  query(query: RunQuery): Promise<Answer> {
    return this.#bound().query(query);
  }

  figures(): Promise<readonly PartitionFigures[]> {
    return this.#bound().figures();
  }

  #bound(): CommandGateway {
    if (this.#orchestrator) return this.#orchestrator.gateway;
    throw new Error('the orchestrator has not started');
  }
}

await runService('host', log, async () => {
  log.info(redacted(config), 'starts');
  const link = new InProcessLink();
  const gateway = new LateGateway();

  @Module({
    imports: [
      OrchestratorModule.register({ config, log, link }),
      ExecutorModule.register({ config, log, link }),
      ApiModule.register({ dataDir: config.SUMMIT_DATA, gateway, ready: () => gateway.ready }),
    ],
  })
  class HostModule {
    constructor(@Inject(Orchestrator) orchestrator: Orchestrator) {
      gateway.bind(orchestrator);
    }
  }

  return serveHttp(HostModule, config, log);
});
