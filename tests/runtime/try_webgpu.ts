import { openDevice } from "../../lib/runtime/device.ts";

// ends well where WebGPU can be opened
await openDevice("webgpu");
