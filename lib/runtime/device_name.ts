/** Where graphs run. */
export type DeviceName = "cpu" | "webgpu" | "cuda";
