import { reshape, topK, unsqueeze } from "../graph/ops/mod.ts";
import { atLastToken, cachesOf } from "../inference/backbone_part.ts";
import {
  beginText,
  longestTextOf,
  openLanguageModel,
  type OpenLanguageModelOptions,
} from "../inference/language_model.ts";
import { longestTextFact, modelLook } from "../inference/model_look.ts";
import { languageModelParts } from "../inference/model_parts.ts";
import type { BasePart } from "../inference/part.ts";
import { type PartReading, PartSession } from "../inference/part_session.ts";
import { trunkOf } from "../inference/trunk_of.ts";
import { forwardStep } from "../models/step.ts";
import type { LanguageModelSpec } from "../models/language_model_spec.ts";
import type { Parameters } from "../models/parameters.ts";
import { notingBackbone } from "../models/trunk.ts";
import { languageModelHead, tokenLogits } from "../models/language_model_head.ts";
import { displayedAs } from "../notebook/display.ts";
import { checkArgument } from "../options/settle.ts";
import type { Device } from "../runtime/device.ts";
import { deviceKind } from "../runtime/device_kind.ts";
import { Lazy } from "../runtime/lazy.ts";
import { integers, rowsOf, type Value } from "../runtime/value.ts";
import type { ModelFolder } from "../weights/model_folder.ts";
import type { BaseModel, BaseReading, Candidates } from "./base_model.ts";

/**
 * Opens a language model from its folder, to be steered.
 *
 * @throws {TypeError} if the folder holds a reward model.
 * @throws {Error} if it is no model folder, or its weights do not fit its backbone.
 */
export async function openBaseModel(path: string, device: Device): Promise<BaseModel> {
  checkArgument("openBaseModel", "path", { type: "text" }, path);
  checkArgument("openBaseModel", "device", deviceKind, device);
  return await openAdaptedBaseModel(path, device);
}

/** The same, where it is known what model an adapter belongs to. */
export async function openAdaptedBaseModel(
  path: string,
  device: Device,
  options: OpenLanguageModelOptions = {},
): Promise<BaseModel> {
  const { spec, parameters, folder, ends } = await openLanguageModel(
    path,
    (kind) => `'${path}' holds a reward model (${kind}), not a language model.`,
    options,
  );
  const base = openOwnBase(spec, parameters, device, { ends, folder });
  return displayedAs(base, () =>
    modelLook(`${spec.backbone.title} language model`, [
      ["a text begins with", beginningOf(spec)],
      longestTextFact(base),
    ], [{ backbone: spec.backbone, parts: languageModelParts(spec.backbone), folder }]));
}

/** What a text begins with, in words. */
function beginningOf({ bos, controlCodes }: LanguageModelSpec): string {
  const code = controlCodes && `the control code '${controlCodes.chosen}'`;
  return [bos ? "BOS" : undefined, code].filter(Boolean).join(" and ") || "its first token";
}

/** A language model of one of our architectures as part of a graph. */
export function ownBasePart(spec: LanguageModelSpec, parameters: Parameters): BasePart {
  const { backbone } = spec;
  return {
    caches: cachesOf(backbone),
    running: [],
    context: backbone.context,
    begin: (prompt) => beginText(spec, prompt),
    logits(inputs) {
      const noting = notingBackbone(backbone);
      const { hidden, fresh } = forwardStep(noting.backbone, parameters, inputs.ids, inputs.past);
      const logits = languageModelHead(backbone, parameters, atLastToken(hidden, inputs));
      return { logits, fresh, running: {}, statesAbove: noting.after };
    },
    candidateLogits(inputs, candidates) {
      const { hidden, fresh } = forwardStep(backbone, parameters, inputs.ids, inputs.past);
      const last = unsqueeze(atLastToken(hidden, inputs), [1]);
      const logits = tokenLogits(backbone, parameters, last, candidates);
      return { logits: reshape(logits, candidates.shape), fresh, running: {} };
    },
  };
}

/**
 * A language model of one of our architectures. Its weights are loaded with the graph that it becomes a part of, or when it is first read
 * by itself; that graph ends in the top k logits, so that no more leaves the runtime.
 */
export function openOwnBase(
  spec: LanguageModelSpec,
  parameters: Parameters,
  device: Device,
  { ends = [spec.backbone.endOfText], folder }: {
    readonly ends?: readonly number[];
    /** Where its weights are; absent, nothing can stand on its trunk. */
    readonly folder?: ModelFolder;
  } = {},
): BaseModel {
  const { backbone } = spec;
  const part = ownBasePart(spec, parameters);
  const owned = new AsyncDisposableStack();
  const trunks = new Map<number, ReturnType<typeof trunkOf>>();
  const ofTopK = new Lazy(() =>
    PartSession.open(part, (inputs) => {
      const { logits: all, ...state } = part.logits(inputs);
      const [logits, candidates] = topK(all, "$k");
      return { ...state, outputs: { logits, candidates } };
    }, device)
  );
  const ofAll = new Lazy(() =>
    PartSession.open(part, (inputs) => {
      const { logits, ...state } = part.logits(inputs);
      return { ...state, outputs: { logits } };
    }, device)
  );
  return {
    vocabulary: backbone.vocabulary,
    ends,
    longestText: longestTextOf(spec),
    graph: {
      part,
      device,
      owned,
      trunkAt: folder && ((blocks) => {
        const known = trunks.get(blocks) ?? trunkOf(folder, backbone, blocks);
        trunks.set(blocks, known);
        return known;
      }),
    },
    begin: (prompt) => part.begin(prompt),
    async start(prompts, k, { begun = false } = {}) {
      const session = await (k === undefined ? ofAll : ofTopK).get();
      const reading = session.start(begun ? prompts : prompts.map((prompt) => part.begin(prompt)));
      const feeds: Record<string, Value> = k === undefined ? {} : { k: integers([1], [k]) };
      return new OwnReading(reading, feeds, candidatesIn(await reading.read(feeds)));
    },
    async [Symbol.asyncDispose]() {
      await owned.disposeAsync();
      await ofTopK[Symbol.asyncDispose]();
      await ofAll[Symbol.asyncDispose]();
    },
  };
}

function candidatesIn({ candidates, logits }: Record<string, Value>): Candidates {
  return { ids: candidates, logits };
}

class OwnReading implements BaseReading {
  readonly #reading: PartReading;
  readonly #feeds: Record<string, Value>;
  candidates: Candidates;

  constructor(reading: PartReading, feeds: Record<string, Value>, candidates: Candidates) {
    this.#reading = reading;
    this.#feeds = feeds;
    this.candidates = candidates;
  }

  async step(tokens: readonly number[]): Promise<void> {
    this.#reading.accept(tokens);
    this.candidates = candidatesIn(await this.#reading.read(this.#feeds));
  }

  async select(rows: readonly number[]): Promise<void> {
    await this.#reading.select(rows);
    const { ids, logits } = this.candidates;
    this.candidates = { ids: ids && rowsOf(ids, rows), logits: rowsOf(logits, rows) };
  }

  [Symbol.dispose](): void {
    this.#reading[Symbol.dispose]();
  }
}
