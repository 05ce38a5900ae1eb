import { dirname } from "node:path";
import { cachedScorer, cachedScorerOptions } from "../eval/cached_scorer.ts";
import { ScoreCache } from "../eval/score_cache.ts";
import { readGenerations, scoresOf, textsToScore, writeScores } from "../eval/score_file.ts";
import { scoreTable } from "../eval/score_table.ts";
import { openScorer, openScorerOptions, scorerKinds } from "../eval/scorers/mod.ts";
import { openPerspectiveOptions } from "../eval/scorers/perspective.ts";
import { readings } from "../eval/scorers/scorer.ts";
import { keepFinished, outputOptions } from "../files/finished_output.ts";
import { makeFolder } from "../files/make_folder.ts";
import type { OptionTable } from "../options/option.ts";
import { settle } from "../options/settle.ts";
import { command, Interrupted, interruption, runCommand } from "./command.ts";
import { deviceOption } from "./device_option.ts";
import { openDeviceAndTell } from "./open_device.ts";
import { addFlags, givenOptions } from "./option_flags.ts";
import { metricsTable } from "./metrics_table.ts";

/** What is scored by what, and where the scores are kept. */
const fileOptions = {
  scorer: {
    type: "text",
    required: true,
    placeholder: "name or dir",
    help: "what scores; see below",
  },
  in: {
    type: "text",
    required: true,
    placeholder: "file",
    help: "generations, as `deno task generate --out` writes them",
  },
  out: {
    type: "text",
    required: true,
    placeholder: "file",
    help: "scores to write, one JSON line a prompt",
  },
  read: {
    type: "choice",
    of: readings,
    placeholder: "what",
    defaultHelp: "continuation for perspective, else whole",
    help: "what is scored: the continuation, or prompt and continuation",
  },
} as const satisfies OptionTable;
const cacheOptions = {
  cache: {
    type: "text",
    default: "runs/scores.sqlite",
    placeholder: "file",
    help: "where all scores are kept, by scorer and text",
  },
  ...cachedScorerOptions,
} as const satisfies OptionTable;
const classifierOptions = {
  dtype: openScorerOptions.dtype,
  revision: openScorerOptions.revision,
  ...deviceOption,
} as const satisfies OptionTable;

const score = command("score", "Score generated texts: how toxic, how positive they are.")
  .usage("--scorer <name or dir> --in <file> --out <file> [options]")
  .addHelpText(
    "after",
    `
Scorers:
${scorerKinds.map(({ calledBy, what }) => `  ${calledBy}: ${what}`).join("\n")}

The network is used by the variant score:net alone. The key of the Perspective API is in PERSPECTIVE_API_KEY.
A command that was stopped goes on where it was when it is run again.`,
  )
  .action(async (_, command) => {
    const files = settle("score", fileOptions, givenOptions(command, fileOptions));
    const { cache: cacheFile, ...cached } = settle(
      "score",
      cacheOptions,
      givenOptions(command, cacheOptions),
    );
    const { device = "cpu", ...classifier } = givenOptions(command, classifierOptions);
    const { overwrite = false } = givenOptions(command, outputOptions);
    await keepFinished(files.out, overwrite);
    const generations = await readGenerations(files.in);
    await makeFolder(dirname(files.out));
    await makeFolder(dirname(cacheFile));
    const signal = interruption();
    await using scorer = await openScorer(files.scorer, {
      ...classifier,
      device: device === "cpu" ? undefined : await openDeviceAndTell(device),
      perspective: givenOptions(command, openPerspectiveOptions),
    });
    using cache = ScoreCache.open(cacheFile);
    const reads = files.read ?? scorer.reads;
    const texts = textsToScore(generations, reads);
    const values = await cachedScorer(scorer, cache, cached)
      .score(texts, { signal })
      .catch((error) => {
        if (!signal.aborted) throw error;
        throw new Interrupted(
          "Stopped; what was scored is kept, so run the same command to go on.",
        );
      });
    const scores = scoresOf(generations, scorer, reads, values);
    await writeScores(files.out, scores);
    console.log(metricsTable(scoreTable([{ what: files.in, scores }])));
    console.error(
      `${texts.length} texts scored by ${scorer.name} ${scorer.version}, in '${files.out}'.`,
    );
  });

addFlags(score, fileOptions);
addFlags(score.optionsGroup("Cache:"), cacheOptions);
addFlags(score.optionsGroup("Perspective:"), openPerspectiveOptions);
addFlags(score.optionsGroup("Classifiers of Hugging Face:"), classifierOptions);
addFlags(score.optionsGroup("Run:"), outputOptions);
await runCommand(score);
