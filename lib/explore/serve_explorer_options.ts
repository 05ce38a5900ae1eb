import type { OptionsOf, OptionTable } from "../options/option.ts";

/** What `serveExplorer` takes: what the page begins with, where it is, and what ends it. */
export const serveExplorerOptions = {
  prompt: { type: "text", default: "the film was", help: "prompt that the page begins with" },
  topK: {
    type: "integer",
    min: 1,
    max: 100,
    default: 20,
    former: ["k"],
    help: "candidates of a step that the page begins with",
  },
  temperature: {
    type: "number",
    min: 0,
    max: 2,
    default: 1,
    help: "temperature that the page begins with",
  },
  maxNewTokens: {
    type: "integer",
    min: 1,
    max: 200,
    default: 24,
    former: ["maxTokens"],
    help: "longest continuation that the page begins with, in tokens",
  },
  samples: {
    type: "integer",
    min: 1,
    max: 8,
    default: 1,
    former: ["n"],
    help: "continuations side by side that the page begins with",
  },
  seed: {
    type: "integer",
    min: 0,
    max: 999_999,
    default: 0,
    help: "seed that the page begins with",
  },
  port: {
    type: "integer",
    min: 0,
    max: 65_535,
    default: 8765,
    help: "where the page is on 127.0.0.1; 0 takes a free port",
  },
  signal: {
    type: "value",
    is: (value: unknown): value is AbortSignal => value instanceof AbortSignal,
    what: "an AbortSignal",
    help: "ends the explorer, and what it is writing",
  },
} as const satisfies OptionTable;

/** What the page begins with, where it is, and what ends it. */
export type ServeExplorerOptions = OptionsOf<typeof serveExplorerOptions>;
