import type { BaseModel } from "../../lib/bases/base_model.ts";
import { openBaseModel } from "../../lib/bases/own_base.ts";
import { loadTokenizer, type Tokenizer } from "../../lib/data/tokenizer.ts";
import type { Guide } from "../../lib/decode/generate.ts";
import { generateTexts } from "../../lib/decode/generate_texts.ts";
import type { GenerateTextsOptions } from "../../lib/decode/generate_options.ts";
import { openRewardModel } from "../../lib/methods/open_reward_model.ts";
import type { RewardModel } from "../../lib/methods/reward_model.ts";
import type { ServeModelOptions } from "../../lib/serve/serve_model_options.ts";
import { serveModel } from "../../lib/serve/serve_model.ts";
import { writeTinyModels } from "../cli/tiny_inputs.ts";
import { cpu } from "../run_graph.ts";

/** The models of this process, trained once; their context is long, so that a text can be interrupted. */
let written: Promise<{ base: string; arm: string }> | undefined;

/** The folders of tiny models. */
export function tinyModels(): Promise<{ base: string; arm: string }> {
  return written ??= (() => {
    const folder = Deno.makeTempDirSync();
    globalThis.addEventListener("unload", () => Deno.removeSync(folder, { recursive: true }));
    return writeTinyModels(folder, { contextLength: 2000 });
  })();
}

/** A server of tiny models, at a free port. */
export interface TinyServer {
  readonly address: string;
  readonly base: BaseModel;
  readonly tokenizer: Tokenizer;
  readonly arm: RewardModel;
  /** Sends a body to a path such as `/completions`. */
  post(path: string, body: unknown, init?: RequestInit): Promise<Response>;
  /** The texts of a completion. */
  texts(body: Record<string, unknown>): Promise<string[]>;
  /** What `generateTexts` writes. */
  alone(prompt: string, options: GenerateTextsOptions): Promise<readonly string[]>;
  /** A number of `/metrics`. */
  metric(name: string): Promise<number>;
}

/** Runs `test` with a server of a base model, `base`, and an ARM, `arm`, with the labels `positive` and `rude`. */
export async function withTinyServer(
  options: ServeModelOptions,
  test: (server: TinyServer) => Promise<void>,
  change: (tokenizer: Tokenizer) => Tokenizer = (tokenizer) => tokenizer,
): Promise<void> {
  const paths = await tinyModels();
  await using base = await openBaseModel(paths.base, cpu);
  await using arm = await openRewardModel(paths.arm, cpu);
  const tokenizer = change(await loadTokenizer(paths.base));
  const guides = [{ name: "arm", model: arm }];
  await using served = await serveModel(base, tokenizer, { guides, port: 0, ...options });
  const { address } = served;
  const post = (path: string, body: unknown, init: RequestInit = {}) =>
    fetch(address + path, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
      ...init,
    });
  await test({
    ...{ address, base, tokenizer, arm, post },
    async texts(body) {
      const { choices } = await (await post("/completions", body)).json();
      return choices.map(({ text }: { text: string }) => text);
    },
    async alone(prompt, options) {
      const all = { progress: false, samples: 1, traces: false, ...options };
      return (await generateTexts(base, tokenizer, [prompt], all)).texts[0].continuations;
    },
    async metric(name) {
      const text = await (await fetch(address.replace(/v1$/, "metrics"))).text();
      return Number(new RegExp(`^armature_${name} (.*)$`, "m").exec(text)![1]);
    },
  });
}

/** The ARM, towards one of its labels, as generating takes it. */
export function towards(model: RewardModel, label: string, beta: number, inverse = false): Guide[] {
  return [{ model, steering: [{ label, beta, inverse }] }];
}

/** What a stream of server-sent events holds. */
export async function eventsOf(answer: Response): Promise<Record<string, unknown>[]> {
  const events = (await answer.text()).trimEnd().split("\n\n").map((event) =>
    event.replace(/^data: /, "")
  );
  if (events.pop() !== "[DONE]") throw new Error("The stream has no end.");
  return events.map((event) => JSON.parse(event));
}
