import { type Json } from '@summit/kernel';

/** An answer whose value came as JSON text; it is read when somebody looks at it, so that who passes it on need not. */
export class WrittenAnswer {
  readonly ok = true;
  /** The value as JSON. */
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  get value(): Json {
    return JSON.parse(this.text) as Json;
  }
}
