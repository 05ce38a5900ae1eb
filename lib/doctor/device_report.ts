import type { DeviceName } from "../runtime/device_name.ts";
import type { AdapterLimits } from "./adapter_limits.ts";
import type { FailedTest, Finding, TestResult } from "./examine_device.ts";

/** All that was found out of a device. */
export interface DeviceReport {
  readonly device: DeviceName;
  readonly works: boolean;
  /** Why it does not work, or what ended the tests. */
  readonly problem?: string;
  readonly limits?: AdapterLimits;
  readonly tests: readonly (TestResult | FailedTest)[];
}

/**
 * Gathers the findings of a device.
 *
 * @param ended what went wrong with the process that found them out; undefined if it ended well.
 */
export function deviceReport(
  device: DeviceName,
  findings: readonly Finding[],
  ended: string | undefined,
): DeviceReport {
  const tests: (TestResult | FailedTest)[] = [];
  let [works, problem, limits]: [boolean, string | undefined, AdapterLimits | undefined] = [
    false,
    ended && `the tests ended early: ${ended}`,
    undefined,
  ];
  for (const finding of findings) {
    if ("works" in finding) {
      works = finding.works;
      if (!finding.works) problem = finding.problem;
    } else if ("limits" in finding) limits = finding.limits;
    else tests.push(finding);
  }
  return { device, works, problem, limits, tests };
}
