import { compareGolden, type GoldenCounts, type Row } from "./mod.ts";
import { type DeviceChoice, openDevice } from "../lib/runtime/device.ts";

export interface RunGoldenOptions {
  /** One JSON object a line in place of a table. Default false. */
  json?: boolean;
  /** Default `cpu`, where float32 is exact to the last digits. */
  device?: DeviceChoice;
  /** Folder of the GGUF files that numbers of pretrained models belong to. */
  models?: string;
  /** Takes the output line by line. Default: standard output. */
  print?: (line: string) => void;
}

/** Compares with a folder of golden numbers and prints what came out. @throws {Error} if there is no such folder. */
export async function runGolden(
  folder: string,
  { json = false, device = "cpu", models, print = console.log }: RunGoldenOptions = {},
): Promise<GoldenCounts> {
  const opened = await openDevice(device);
  let isFirst = true;
  const counts = await compareGolden(folder, {
    device: opened,
    models,
    onRow: (row) => {
      if (isFirst && !json) print(heading);
      isFirst = false;
      print(json ? JSON.stringify(record(row)) : tableLine(row));
    },
  });
  const { passed, failed, notYet } = counts;
  print(
    json ? JSON.stringify({ passed, failed }) : `\n${passed} passed, ${failed} failed` +
      (notYet > 0 ? `, ${notYet} not yet (nothing here computes them)` : ""),
  );
  return counts;
}

function record({ quantity, shape, maxAbsolute, maxRelative, tolerance, status, problem }: Row) {
  return {
    quantity,
    shape,
    max_absolute_difference: maxAbsolute,
    max_relative_difference: maxRelative,
    tolerance,
    ok: status === "not yet" ? null : status === "passed",
    status,
    problem,
  };
}

const columns = [58, 16, 8, 8, 20] as const;

const line = (cells: readonly string[], last: string): string =>
  [...cells.map((cell, i) => cell.padEnd(columns[i])), last].join("  ").trimEnd();

const heading = line(["quantity", "shape", "max abs", "max rel", "tolerance"], "ok");

function tableLine({ quantity, shape, maxAbsolute, maxRelative, tolerance, status, problem }: Row) {
  const number = (value?: number) =>
    value === undefined || Number.isNaN(value) ? "" : value === 0 ? "0" : value.toExponential(1);
  const cells = [
    quantity,
    shape ? `[${shape.join(", ")}]` : "",
    number(maxAbsolute),
    number(maxRelative),
    tolerance ?? "",
  ];
  const verdict = { passed: "ok", failed: "OUT", "not yet": "not yet" }[status];
  return line(cells, problem ? `${verdict}: ${problem}` : verdict);
}
