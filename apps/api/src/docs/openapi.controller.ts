import { Controller, Get, Header } from '@nestjs/common';
import { openApi } from './openapi.ts';
import { operationsPage } from './page.ts';

/** The interface, for programs and for people. */
@Controller()
export class OpenApiController {
  @Get('openapi.json')
  document(): object {
    return openApi;
  }

  @Get('docs')
  @Header('content-type', 'text/html; charset=utf-8')
  page(): string {
    return operationsPage(openApi);
  }
}
