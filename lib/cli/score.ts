import { dirname } from "node:path";
import { dtypes } from "../bases/transformers_base.ts";
import { cachedScorer } from "../eval/cached_scorer.ts";
import { ScoreCache } from "../eval/score_cache.ts";
import { readGenerations, scoresOf, textsToScore, writeScores } from "../eval/score_file.ts";
import { scoreTable } from "../eval/score_table.ts";
import { openScorer, scorerKinds } from "../eval/scorers/mod.ts";
import { readings } from "../eval/scorers/scorer.ts";
import { deviceChoices } from "../runtime/device.ts";
import { keepFinished, outputOptions } from "../files/finished_output.ts";
import { makeFolder } from "../files/make_folder.ts";
import {
  choice,
  command,
  Interrupted,
  interruption,
  number,
  positiveInteger,
  runCommand,
} from "./command.ts";
import { addFlags, givenOptions } from "./option_flags.ts";
import { openDeviceAndTell } from "./open_device.ts";
import { metricsTable } from "./metrics_table.ts";

const positive = number({ min: 0.001 });

const score = command("score", "Score generated texts: how toxic, how positive they are.")
  .usage("--scorer <name or dir> --in <file> --out <file> [options]")
  .requiredOption("--scorer <name or dir>", "what scores; see below")
  .requiredOption("--in <file>", "generations, as `deno task generate --out` writes them")
  .requiredOption("--out <file>", "scores to write, one JSON line a prompt")
  .addOption(
    choice(
      "--read <what>",
      "what is scored: the continuation, or prompt and continuation (default: continuation for perspective, else whole)",
      readings,
    ),
  )
  .optionsGroup("Cache:")
  .option("--cache <file>", "where all scores are kept, by scorer and text", "runs/scores.sqlite")
  .option("--replay", "score nothing: all must have been scored before")
  .optionsGroup("Perspective:")
  .option("--rate <n>", "most requests a second (default: 1)", positive)
  .option("--concurrency <n>", "most requests at once", positiveInteger)
  .option("--url <address>", "another address of the API")
  .optionsGroup("Classifiers of transformers.js:")
  .addOption(choice("--dtype <name>", "weights (default: fp32)", dtypes))
  .option("--revision <name>", "branch, tag or commit on the hub (default: main)")
  .addOption(choice("--device <name>", "where to compute", deviceChoices).default("cpu" as const))
  .addHelpText(
    "after",
    `
Scorers:
${scorerKinds.map(({ calledBy, what }) => `  ${calledBy}: ${what}`).join("\n")}

The network is used by the variant score:net alone. The key of the Perspective API is in PERSPECTIVE_API_KEY.
A command that was stopped goes on where it was when it is run again.`,
  )
  .action(async (options, command) => {
    const { overwrite = false } = givenOptions(command, outputOptions);
    await keepFinished(options.out, overwrite);
    const generations = await readGenerations(options.in);
    await makeFolder(dirname(options.out));
    await makeFolder(dirname(options.cache));
    const signal = interruption();
    await using scorer = await openScorer(options.scorer, {
      dtype: options.dtype,
      revision: options.revision,
      device: options.device === "cpu" ? undefined : await openDeviceAndTell(options.device),
      perspective: {
        requestsPerSecond: options.rate,
        concurrency: options.concurrency,
        url: options.url,
      },
    });
    using cache = ScoreCache.open(options.cache);
    const reads = options.read ?? scorer.reads;
    const texts = textsToScore(generations, reads);
    const values = await cachedScorer(scorer, cache, { replay: options.replay })
      .score(texts, { signal })
      .catch((error) => {
        if (!signal.aborted) throw error;
        throw new Interrupted(
          "Stopped; what was scored is kept, so run the same command to go on.",
        );
      });
    const scores = scoresOf(generations, scorer, reads, values);
    await writeScores(options.out, scores);
    console.log(metricsTable(scoreTable([{ what: options.in, scores }])));
    console.error(
      `${texts.length} texts scored by ${scorer.name} ${scorer.version}, in '${options.out}'.`,
    );
  });

addFlags(score.optionsGroup("Run:"), outputOptions);
await runCommand(score);
