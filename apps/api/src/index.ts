export { ApiModule, type ApiOptions } from './api.module.ts';
export { apiConfig, type ApiConfig, publisherOf } from './config.ts';
export { serveHttp } from './serve.ts';
export { readModelsOf } from './read-models/config.ts';
