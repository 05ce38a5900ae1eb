import { sizeText } from "../files/room.ts";
import { advice } from "../doctor/advice.ts";
import { type DeviceReport, deviceReport } from "../doctor/device_report.ts";
import { examineDevice, type Finding } from "../doctor/examine_device.ts";
import { paperReward } from "../doctor/step_time.ts";
import { weightBytes } from "../experiments/random_weights.ts";
import { type SystemFacts, systemFacts } from "../doctor/system_facts.ts";
import { alignedColumns } from "../notebook/aligned_columns.ts";
import type { OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import { Progress } from "../progress.ts";
import type { DeviceName } from "../runtime/device_name.ts";
import { command, interruption, runCommand } from "./command.ts";
import { jsonOption } from "./json_option.ts";
import { addFlags, givenOptions } from "./option_flags.ts";
import { runOwnProcess } from "./own_process.ts";

const devices = ["cpu", "webgpu", "cuda"] as const satisfies readonly DeviceName[];

const doctorOptions = {
  device: {
    type: "list",
    of: { type: "choice", of: devices },
    default: devices,
    placeholder: "name",
    help: "what to examine",
  },
  seconds: {
    type: "number",
    min: 0,
    max: 600,
    default: 10,
    help: "what the tests of a device take; 0 leaves them out",
  },
  ...jsonOption,
} as const satisfies OptionTable;

/** A device that is slow to load is given that many times as long before its process is ended. */
const patience = 4;

/** What a process may take to open a device, where nothing is tested. */
const openingSeconds = 20;

const doctor = command(
  "doctor",
  "Say which devices work here, what they can do, and what to do about those that do not.",
)
  .action(async (_, command) => {
    const given = givenOptions(command, doctorOptions);
    const { device: names, seconds, json } = settle("doctor", doctorOptions, given);
    const signal = interruption();
    const facts = await systemFacts();
    console.log(json ? JSON.stringify({ system: facts }) : factsText(facts));
    const progress = new Progress({ label: "Examining", total: names.length, unit: "devices" });
    const reports: DeviceReport[] = [];
    for (const name of names) {
      const report = await examined(name, seconds, signal);
      reports.push(report);
      progress.update(reports.length);
      console.log(json ? JSON.stringify(report) : reportText(report));
    }
    progress.done();
    const sentences = advice(facts, reports);
    if (json) console.log(JSON.stringify({ advice: sentences }));
    else if (sentences.length > 0) console.log(["", ...sentences].join("\n"));
  });
addFlags(doctor, doctorOptions);

/** What the process of a device does. */
doctor.addCommand(
  command("examine", "Examine a device in this process.")
    .argument("<device>")
    .argument("<seconds>")
    .action(async (device, seconds) => {
      for await (const finding of examineDevice(device as DeviceName, Number(seconds))) {
        console.log(JSON.stringify(finding));
      }
    }),
  { hidden: true },
);

/** Examines a device in a process of its own: a driver that crashes ends that alone. */
async function examined(
  device: DeviceName,
  seconds: number,
  signal: AbortSignal,
): Promise<DeviceReport> {
  const findings: Finding[] = [];
  const process = runOwnProcess({
    command: "doctor",
    args: ["examine", device, `${seconds}`],
    seconds: openingSeconds + patience * seconds,
    scratch: seconds === 0 ? 0 : weightBytes(paperReward.shapes),
    signal,
  });
  while (true) {
    const { done, value } = await process.next();
    if (done) return deviceReport(device, findings, value);
    findings.push(value as Finding);
  }
}

function factsText({ processor, cores, memory, freeMemory, nvidia, vulkanDrivers }: SystemFacts) {
  const cards = nvidia.map(({ name, driver, memory, freeMemory }) =>
    `${name}, driver ${driver}, ${sizeText(memory)} (${sizeText(freeMemory)} free)`
  );
  return alignedColumns([
    ["processor", `${processor}, ${cores} threads`],
    ["memory", `${sizeText(memory)} (${sizeText(freeMemory)} free)`],
    ["NVIDIA", cards.join("; ") || "no driver answers"],
    ...(Deno.build.os === "linux"
      ? [["Vulkan drivers", vulkanDrivers.join(", ") || "none found"]]
      : []),
  ], [false, false]).join("\n");
}

function reportText({ device, works, problem, limits, tests }: DeviceReport): string {
  const lines = [`\n${device}: ${works ? "works" : "cannot be used"}`];
  if (problem) lines.push(`  ${problem}`);
  if (limits) {
    const { adapter, maxBufferSize, maxBindingSize, float16 } = limits;
    lines.push(
      `  ${adapter}: buffers of up to ${sizeText(maxBufferSize)}, of which a shader sees ${
        sizeText(maxBindingSize)
      } at once; ${float16 ? "computes" : "does not compute"} in float16`,
    );
  }
  const rows = tests.map((test) =>
    "problem" in test
      ? [`  ${test.test}`, "–", test.problem]
      : [`  ${test.test}`, `${test.value} ${test.unit}`, test.on]
  );
  return [...lines, ...alignedColumns(rows, [false, true, false])].join("\n");
}

await runCommand(doctor);
