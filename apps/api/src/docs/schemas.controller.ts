import { Controller, Get, Param } from '@nestjs/common';
import { NotFoundError } from '@summit/kernel';
import { commandJsonSchema, commandSchemas, isVerb } from '@summit/runtime';

/** What the bus takes, by verb, as JSON Schema. */
@Controller('schemas/commands')
export class SchemasController {
  @Get()
  verbs(): object {
    return { schemas: Object.keys(commandSchemas).map((verb) => `/schemas/commands/${verb}.json`) };
  }

  @Get(':name')
  schema(@Param('name') name: string): object {
    const verb = name.replace(/\.json$/, '');
    if (isVerb(verb)) return commandJsonSchema(verb);
    throw new NotFoundError(
      'COMMAND_UNKNOWN',
      'there is no such verb',
      'See /schemas/commands for those there are.',
    );
  }
}
