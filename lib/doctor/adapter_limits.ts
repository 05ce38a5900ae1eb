/** What WebGPU tells of its adapter, which is most likely the one that ONNX Runtime takes as well. */
export interface AdapterLimits {
  readonly adapter: string;
  /** Whether it is the CPU under another name. */
  readonly isSoftware: boolean;
  /** Bytes of the largest buffer, and of what of it a shader may see at once. */
  readonly maxBufferSize: number;
  readonly maxBindingSize: number;
  /** Whether shaders compute in 16 bits. */
  readonly float16: boolean;
}

/** Asks Deno's own WebGPU; undefined where that finds no adapter. ONNX Runtime does not tell. */
export async function adapterLimits(): Promise<AdapterLimits | undefined> {
  const adapter = await navigator.gpu?.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return undefined;
  const { info, limits, features } = adapter;
  return {
    adapter: info.description || `${info.vendor} ${info.device}`,
    isSoftware: info.isFallbackAdapter,
    maxBufferSize: limits.maxBufferSize,
    maxBindingSize: limits.maxStorageBufferBindingSize,
    float16: features.has("shader-f16"),
  };
}
