import type { Machine } from './machine.ts';

/** One number of a run of the bench; `interfaces` name its ids and shape. */
export interface Figure {
  /** `seq_step_ms`, `steps_per_s_50` … */
  readonly id: string;
  /** `summit`, or the name of a peer. */
  readonly subject: string;
  readonly setting: string;
  readonly durability: string;
  /** The median over the rounds. */
  readonly value: number;
  readonly unit: string;
  /** The median over the rounds: milliseconds of a run; where no run is measured, in the figure's own unit. */
  readonly p50?: number;
  readonly p99?: number;
  /** On a peer's figure: Summit's value of the same run divided by this one. */
  readonly ratio?: number;
  /** On a peer's figure: the setting of Summit that it was measured in turn with. */
  readonly against?: string;
}

export interface BenchReport {
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: readonly Figure[];
}

/** For people. Ratios are Summit's value by the peer's: above 1 is faster for rates, below 1 for times. */
export function reportTable({ machine, versions, figures }: BenchReport): string {
  const rows = figures.map((figure) => [
    figure.id,
    figure.subject,
    digits(figure.value),
    figure.unit,
    figure.p50 === undefined ? '' : digits(figure.p50),
    figure.p99 === undefined ? '' : digits(figure.p99),
    figure.ratio === undefined ? '' : `${figure.ratio.toFixed(2)} ×`,
    figure.setting,
    figure.durability,
  ]);
  const head = ['figure', 'subject', 'value', 'unit', 'p50', 'p99', 'ratio', 'setting', 'durability'];
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB, ${machine.os}`,
    Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
    '',
    ...align([head, ...rows]),
  ].join('\n');
}

/** Three significant digits, without an exponent. */
function digits(value: number): string {
  if (Number.isInteger(value)) return String(value);
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3);
}

function align(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}
