import type { BaseModel } from "../bases/base_model.ts";
import { type ReadRow, RowSlots } from "../inference/row_slots.ts";
import type { RewardModel } from "../methods/reward_model.ts";
import { requireTrunk } from "../methods/shared_trunk.ts";
import { withoutPart } from "../methods/without_part.ts";
import type { Random } from "../random.ts";
import { integers, type Value, valueOf } from "../runtime/value.ts";
import { rowDrawFeeds, type RowDrawSettings, rowNoise } from "./draw.ts";
import { Drawer } from "./drawer.ts";
import { type GuidanceShape, type LabelStrengths, rowGuidanceFeeds } from "./guidance.ts";
import { choiceNames, type GuidedSession, leftOutFeeds, partNamesOf } from "./guided_session.ts";
import { guidedSessionsOf, type SessionLease } from "./guided_sessions.ts";
import { candidatesOfRows, type GuidedCandidates, type ReadPrompt } from "./step.ts";
import { modelNamed, wrongNumbersIn } from "./wrong_numbers.ts";

/** How a row is steered and drawn. */
export interface RowSettings extends RowDrawSettings {
  /** How strongly each label of each model steers, model by model; zeros where one does not. */
  readonly strengths: readonly LabelStrengths[];
}

/** A prompt that is to be continued beside what is being written. */
export interface JoiningPrompt {
  readonly prompt: ReadPrompt;
  readonly settings: RowSettings;
  /** A stream of random numbers for each of its samples. */
  readonly streams: readonly Random[];
}

/** A text that is being written. */
export interface RunningRow {
  readonly settings: RowSettings;
  readonly random: Random;
}

/** A token that a row took, and what from. */
export interface RowChoice {
  readonly row: RunningRow;
  readonly token: number;
  /** Token ids of the candidates, `[k]`, the base model's likeliest first. */
  readonly candidates: BigInt64Array;
  /** Their guided logits, `[k]`. */
  readonly guided: Float32Array;
  /** Set where a model gave no finite number for it, so that the token means nothing. */
  readonly problem?: string;
}

/**
 * Texts that are written together, of which each begins and ends when it likes: rows join and leave between any two
 * steps, and each has its own prompt, strengths, temperature and cuts. What a row draws depends on its own stream of
 * random numbers only, so it is what `generate` gives, whoever else is there.
 */
export class RunningRows implements AsyncDisposable {
  /** Candidates of a step, of which a row may take fewer. */
  readonly topK: number;
  readonly #session: GuidedSession;
  readonly #lease: SessionLease;
  readonly #drawer: Drawer;
  /** The kinds of the models that steer. */
  readonly #kinds: readonly string[];
  readonly #slots: readonly RowSlots[];
  readonly #rows: RunningRow[] = [];
  /** The token that each row reads next. */
  readonly #tokens: number[] = [];

  private constructor(
    lease: SessionLease,
    drawer: Drawer,
    kinds: readonly string[],
    topK: number,
  ) {
    const { session } = lease;
    const { base, raters } = session.shape;
    const names = partNamesOf(session.shape);
    this.topK = topK;
    this.#session = session;
    this.#lease = lease;
    this.#drawer = drawer;
    this.#kinds = kinds;
    this.#slots = [base, ...raters].map((part, i) => new RowSlots(part, names[i], session.pool));
  }

  /**
   * Loads the graph of a base model and all that can steer it.
   *
   * @throws {TypeError} one sentence, if they cannot be one graph.
   */
  static async open(
    base: BaseModel,
    models: readonly RewardModel[],
    topK: number,
  ): Promise<RunningRows> {
    if (!base.graph) {
      throw new TypeError(
        "The base model is seen through its logits only, and texts that come and go are written by one graph: name a " +
          "folder with its weights.",
      );
    }
    for (const model of models) await requireTrunk(model, base.graph.trunkAt);
    const raters = models.map((model) => {
      const { part, kind } = model;
      if (part) return part;
      throw new TypeError(
        `A model of kind ${kind} ${
          withoutPart(model)
        }, so it cannot be part of the graph that writes texts which come and go: choose one that rates all tokens at once.`,
      );
    });
    const guidance: GuidanceShape = {
      guides: models.map(({ rule, labels }) => ({ rule, labels: labels.length, filters: false })),
      wholeVocabulary: false,
      baseNucleus: false,
      perRow: true,
    };
    const cuts = { topP: true, minP: true, perRow: true };
    await using opened = new AsyncDisposableStack();
    const lease = opened.use(
      await guidedSessionsOf(base.graph).lease({
        ...guidance,
        raters,
        cuts,
        penalizes: false,
        loops: false,
      }),
    );
    const drawer = opened.use(await Drawer.openFed(cuts));
    opened.move();
    return new RunningRows(lease, drawer, models.map(({ kind }) => kind), topK);
  }

  /** Texts that are being written. */
  get size(): number {
    return this.#rows.length;
  }

  /** Reads prompts, and draws the first token of each of their samples, prompt after prompt. */
  async join(prompts: readonly JoiningPrompt[]): Promise<RowChoice[]> {
    const { raters } = this.#session.shape;
    const texts = [
      prompts.map(({ prompt }) => prompt.base),
      ...raters.map((rater) =>
        prompts.map(({ prompt: { base, rated } }) =>
          rater.trunk === undefined ? rater.begin(rated) : base
        )
      ),
    ];
    const k = this.topK;
    const settings = prompts.map(({ settings }) => settings);
    // what the graph draws here is not used: prompts are repeated for their samples first
    const outputs = await this.#run(
      this.#slots.map((slots, part) => slots.promptFeeds(texts[part])),
      settings,
      valueOf("float32", [1, prompts.length, k], new Float32Array(prompts.length * k)),
    );
    const places = prompts.flatMap(({ streams }, prompt) => streams.map(() => prompt));
    const rows = prompts.flatMap(({ settings, streams }): RunningRow[] =>
      streams.map((random) => ({ settings, random }))
    );
    this.#slots.forEach((slots, part) => {
      const read = places.map((prompt): ReadRow => ({
        prompt,
        length: texts[part][prompt].length,
      }));
      slots.add(outputs, read);
    });
    const repeated = candidatesOfRows(this.#choicesIn(outputs), places);
    const feeds = rowDrawFeeds(rows.map(({ settings }) => settings));
    const drawn = await this.#drawer.draw(repeated.guided, rowNoise(rows, k), feeds);
    const choices = this.#choicesOf(rows, repeated, drawn);
    this.#rows.push(...rows);
    this.#tokens.push(...choices.map(({ token }) => token));
    return choices;
  }

  /** Reads what every row took last, and draws its next token. */
  async step(): Promise<RowChoice[]> {
    const rows = [...this.#rows];
    const noise = rowNoise(rows, this.topK);
    const outputs = await this.#run(
      this.#slots.map((slots) => slots.stepFeeds(this.#tokens)),
      rows.map(({ settings }) => settings),
      valueOf("float32", [1, rows.length, this.topK], noise.data as Float32Array),
    );
    for (const slots of this.#slots) slots.take(outputs);
    const drawn = Array.from(outputs[choiceNames.places].data as BigInt64Array, Number);
    const choices = this.#choicesOf(rows, this.#choicesIn(outputs), drawn);
    choices.forEach(({ token }, row) => this.#tokens[row] = token);
    return choices;
  }

  /** Ends a text. */
  leave(row: RunningRow): void {
    const place = this.#rows.indexOf(row);
    for (const slots of this.#slots) slots.remove(place);
    const lastRow = this.#rows.pop()!;
    const lastToken = this.#tokens.pop()!;
    if (place === this.#rows.length) return;
    this.#rows[place] = lastRow;
    this.#tokens[place] = lastToken;
  }

  /** Ends all texts. */
  clear(): void {
    for (const slots of this.#slots) slots.clear();
    this.#rows.length = 0;
    this.#tokens.length = 0;
  }

  async #run(
    states: readonly Readonly<Record<string, Value>>[],
    settings: readonly RowSettings[],
    noise: Value,
  ): Promise<Record<string, Value>> {
    const { shape, session } = this.#session;
    const feeds: Record<string, Value> = Object.assign(
      { noise, k: integers([1], [this.topK]) },
      ...states,
      rowGuidanceFeeds(shape, settings.map(({ strengths }) => strengths)),
      rowDrawFeeds(settings),
      leftOutFeeds(settings.map(({ topK }) => topK), this.topK),
    );
    // what stands on the base model's trunk reads less than a model of its own
    const { inputs } = session.program;
    return await session.run(
      Object.fromEntries(Object.entries(feeds).filter(([name]) => inputs.has(name))),
    );
  }

  #choicesIn(outputs: Readonly<Record<string, Value>>): GuidedCandidates {
    return {
      candidates: outputs[choiceNames.candidates],
      logits: outputs[choiceNames.logits],
      guided: outputs[choiceNames.guided],
      scores: this.#kinds.map((_, i) => outputs[choiceNames.scores(i)]),
    };
  }

  #choicesOf(
    rows: readonly RunningRow[],
    chosen: GuidedCandidates,
    drawn: readonly number[],
  ): RowChoice[] {
    const [, k] = chosen.candidates.dims;
    const ids = chosen.candidates.data as BigInt64Array;
    const logits = chosen.guided.data as Float32Array;
    const kinds = this.#kinds;
    const wrong = wrongNumbersIn(chosen, kinds.length);
    const problem = wrong &&
      `${modelNamed(wrong.model, kinds, kinds.length)} gave ${wrong.value} for a next token`;
    return rows.map((row, i) => ({
      row,
      token: Number(ids[i * k + drawn[i]]),
      candidates: ids.subarray(i * k, (i + 1) * k),
      guided: logits.subarray(i * k, (i + 1) * k),
      ...(wrong?.rows.includes(i) ? { problem } : {}),
    }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const slots of this.#slots) slots[Symbol.dispose]();
    await this.#drawer[Symbol.asyncDispose]();
    await this.#lease[Symbol.asyncDispose]();
  }
}
