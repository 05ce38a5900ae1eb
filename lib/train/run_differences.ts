/** A setting in which two descriptions of runs differ. */
export interface RunDifference {
  readonly name: string;
  readonly before: unknown;
  readonly now: unknown;
}

/** The settings in which two descriptions of runs, as JSON, differ. */
export function runDifferences(before: string, now: string): RunDifference[] {
  return differencesIn("", settingsOf(before), settingsOf(now));
}

function differencesIn(prefix: string, before: unknown, now: unknown): RunDifference[] {
  if (isRecord(before) && isRecord(now)) {
    return [...new Set([...Object.keys(before), ...Object.keys(now)])].flatMap((name) =>
      differencesIn(prefix === "" ? name : `${prefix}.${name}`, before[name], now[name])
    );
  }
  return JSON.stringify(before) === JSON.stringify(now) ? [] : [{ name: prefix, before, now }];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Settings as an error names them: "epochs: 2 before, 3 now; seed: 0 before, 7 now". */
export function namedDifferences(differences: readonly RunDifference[]): string {
  return differences.map(({ name, before, now }) =>
    `${name}: ${shown(before)} before, ${shown(now)} now`
  )
    .join("; ");
}

function settingsOf(run: string): Record<string, unknown> {
  try {
    return JSON.parse(run);
  } catch {
    return { run };
  }
}

function shown(value: unknown): string {
  return value === undefined ? "none" : JSON.stringify(value);
}
