import type { DeviceReport } from "./device_report.ts";
import type { SystemFacts } from "./system_facts.ts";

/** What to do about what is missing, one sentence each, beside what each device says of itself. */
export function advice(
  { nvidia, vulkanDrivers }: SystemFacts,
  reports: readonly DeviceReport[],
): string[] {
  const reportOf = (name: string) => reports.find(({ device }) => device === name);
  const [webgpu, cuda] = [reportOf("webgpu"), reportOf("cuda")];
  const sentences: string[] = [];
  if (Deno.build.os === "linux" && webgpu && !webgpu.works && vulkanDrivers.length === 0) {
    sentences.push(
      "No Vulkan driver is installed: install that of your GPU (NVIDIA's comes with its driver; for AMD and Intel Debian " +
        "has mesa-vulkan-drivers), or try WebGPU in software as docs/guides/run-on-a-gpu.md says.",
    );
  }
  if (webgpu?.limits?.isSoftware) {
    sentences.push(
      `WebGPU runs in software here (${webgpu.limits.adapter}): right for tests of graphs, slower than the device cpu.`,
    );
  }
  if (cuda && !cuda.works && nvidia.length === 0 && Deno.build.os === "linux") {
    sentences.push(
      "NVIDIA's driver does not answer (nvidia-smi): without it there is no use in installing CUDA; with a card of NVIDIA's " +
        "in the machine, install its driver first.",
    );
  }
  if (cuda && !cuda.works && nvidia.length > 0) {
    sentences.push(
      `${nvidia[0].name} is there with driver ${
        nvidia[0].driver
      }: what CUDA still lacks stands above, and WebGPU ${
        webgpu?.works ? "works on it meanwhile" : "needs that driver's Vulkan part"
      }.`,
    );
  }
  return sentences;
}
