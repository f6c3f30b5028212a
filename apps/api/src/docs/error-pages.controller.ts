import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Controller, Get, Header, Param } from '@nestjs/common';
import { NotFoundError } from '@summit/kernel';
import { repositoryRoot } from '@summit/servers';

/** What the `type` of a problem refers to. */
@Controller('errors')
export class ErrorPagesController {
  @Get(':code')
  @Header('content-type', 'text/markdown; charset=utf-8')
  async page(@Param('code') code: string): Promise<string> {
    const name = /^[A-Z][A-Z0-9_]{1,63}$/.test(code) ? code : 'README';
    const page = await readFile(join(repositoryRoot, 'docs', 'errors', `${name}.md`), 'utf8').catch(
      () => undefined,
    );
    if (page !== undefined) return page;
    throw new NotFoundError(
      'ERROR_CODE_UNKNOWN',
      'there is no error of that code',
      'Check the code of the problem.',
    );
  }
}
