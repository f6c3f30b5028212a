import { type ToolDefinition, type WorkflowDefinition } from '@summit/events';
import { definitionDigest, type InputCheck, type TenantState, type Tools } from '@summit/engine';
import { type Json } from '@summit/kernel';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { isExpression, patternEngine } from './patterns.ts';

/** Compiled schemas kept at once. */
const KEPT = 2000;

/** Keywords with which a pattern that matches too much refuses too much. */
const CHOOSING = /"(?:if|not|patternProperties)":/;

/** Validates by the JSON Schemas that registered definitions carry; compiled once each, bounded. */
export class Schemas {
  readonly #compiled = new Map<string, ValidateFunction>();
  readonly #digests = new WeakMap<object, string>();
  readonly #tools = new WeakMap<TenantState, Tools>();

  /** The tools of a tenant, as planning sees them; always as they are now. */
  toolsOf(tenant: TenantState): Tools {
    let tools = this.#tools.get(tenant);
    if (!tools) this.#tools.set(tenant, (tools = this.#toolsOf(tenant)));
    return tools;
  }

  #toolsOf({ tools }: TenantState): Tools {
    return {
      definition: (tool) => tools.get(tool),
      mismatch: (tool, args) => {
        const definition = tools.get(tool);
        return definition ? this.#mismatch(tool, definition.input, args) : 'it is not registered';
      },
      outputMismatch: (tool, output) => {
        const definition = tools.get(tool);
        return definition
          ? this.#mismatch(`${tool} output`, definition.output, output)
          : 'it is not registered';
      },
    };
  }

  readonly workflowInput: InputCheck = (workflow, input) =>
    this.#mismatch(this.#digestOf(workflow), workflow.input, input);

  #digestOf(definition: ToolDefinition | WorkflowDefinition): string {
    let digest = this.#digests.get(definition);
    if (digest === undefined) this.#digests.set(definition, (digest = definitionDigest(definition)));
    return digest;
  }

  #mismatch(digest: string, schema: Json, value: Json): string | undefined {
    const validate = this.#validator(digest, schema);
    if (validate(value)) return undefined;
    return (validate.errors ?? [])
      .slice(0, 5)
      .map(({ instancePath, message }) => `${instancePath || '/'} ${message ?? 'is wrong'}`)
      .join('; ');
  }

  #validator(digest: string, schema: Json): ValidateFunction {
    const known = this.#compiled.get(digest);
    if (known) return known;
    const validate = compiled(schema);
    const oldest = this.#compiled.keys().next();
    if (this.#compiled.size >= KEPT && !oldest.done) this.#compiled.delete(oldest.value);
    this.#compiled.set(digest, validate);
    return validate;
  }
}

function compiled(schema: Json): ValidateFunction {
  const unreadable = new Set<string>();
  const regExp = patternEngine((source) => unreadable.add(source));
  const ajv = new Ajv2020({ strict: false, allErrors: false, validateFormats: true, code: { regExp } });
  addFormats.default(ajv);
  // Many that people write are none under the flag `u`, and some are one under it alone.
  ajv.addFormat('regex', (text: string) => isExpression(text, '') || isExpression(text, 'u'));
  ajv.addFormat('url', true); // its expression takes time quadratic in the text; Zod says `uri`
  const validate = ajv.compile(schema as object);
  return unreadable.size > 0 && CHOOSING.test(JSON.stringify(schema)) ? ajv.compile(true) : validate;
}
