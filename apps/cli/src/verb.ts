import { type Command, CommanderError } from 'commander';
import { errorRecord, InvalidInputError, RefusedError } from '@summit/kernel';

/** What a verb answers: one JSON document with `--json`, else text for people. */
export interface Outcome {
  readonly document: object;
  /** Without a line feed at its end; empty prints nothing. */
  readonly text: string;
  /** 0 done, 1 failed, 3 refused; default 0. Wrong usage, 2, is thrown. */
  readonly exitCode?: 0 | 1 | 3;
}

/** What the command line gave. */
export interface Given {
  readonly args: readonly string[];
  readonly json: boolean;
  /** An option with a value, or undefined. */
  readonly text: (option: string) => string | undefined;
  /** An option that may be given several values, or undefined. */
  readonly texts: (option: string) => readonly string[] | undefined;
  readonly flag: (option: string) => boolean;
  /** A whole number from 0 on. Throws `WRONG_USAGE`. */
  readonly count: (option: string) => number | undefined;
  /** One line for people, on stderr. */
  readonly progress: (line: string) => void;
}

/** Adds `--json` and gives the verb its work. Sets the exit status; never throws into commander. */
export function runs(command: Command, work: (given: Given) => Promise<Outcome>): void {
  command.option('--json', 'print one JSON document on stdout; logs go to stderr').action(async () => {
    const given = read(command);
    try {
      const { document, text, exitCode = 0 } = await work(given);
      if (given.json) print(JSON.stringify(document, null, 2));
      else if (text !== '') print(text);
      process.exitCode = exitCode;
    } catch (error) {
      report(error, given);
    }
  });
}

function read(command: Command): Given {
  const options: Readonly<Record<string, unknown>> = command.opts();
  const text = (option: string): string | undefined => {
    const value = options[option];
    return typeof value === 'string' ? value : undefined;
  };
  return {
    args: command.args,
    json: options['json'] === true,
    text,
    texts: (option) => {
      const value = options[option];
      return Array.isArray(value) ? value.map(String) : undefined;
    },
    flag: (option) => options[option] === true,
    count: (option) => wholeNumber(option, text(option)),
    progress: (line) => process.stderr.write(`summit: ${line}\n`),
  };
}

function wholeNumber(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw wrongUsage(`--${option} takes a whole number, not "${text}"`);
}

/** Ends the verb with exit status 2. */
export function wrongUsage(message: string): InvalidInputError {
  return new InvalidInputError('WRONG_USAGE', message, 'See --help.');
}

function report(error: unknown, { json }: Given): void {
  const { code, message, next } = errorRecord(error);
  if (json) print(JSON.stringify({ ok: false, error: { code, message, next } }, null, 2));
  process.stderr.write(`summit: ${message}\n`);
  if (next !== undefined) process.stderr.write(`  ${next}\n`);
  process.stderr.write(`  ${code}\n`);
  process.exitCode = exitCodeOf(error);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof RefusedError) return 3;
  return error instanceof InvalidInputError && error.code === 'WRONG_USAGE' ? 2 : 1;
}

/** Commander's own errors are wrong usage; help and version are none. */
export function usageExitCode(error: unknown): number {
  if (!(error instanceof CommanderError)) throw error;
  return error.exitCode === 0 ? 0 : 2;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

/** Columns, each as wide as its widest cell. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
