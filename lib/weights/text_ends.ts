import { join } from "node:path";
import { readJsonFile } from "../files/json_file.ts";
import { configPath } from "./model_folder.ts";
import { generationFile } from "./side_files.ts";

/**
 * The tokens that end a text of a model, all of them: those of `generation_config.json`, or else of `config.json`, as
 * `generate` of Hugging Face's transformers takes them.
 *
 * @returns undefined if neither file names one.
 * @throws {RangeError} if one is not a token's id.
 * @throws {SyntaxError} if `generation_config.json` is not JSON.
 */
export async function readTextEnds(
  folder: string,
  config: unknown,
): Promise<readonly number[] | undefined> {
  const path = join(folder, generationFile);
  const isThere = await Deno.stat(path).then(() => true, () => false);
  const said = isThere ? endsIn(await readJsonFile(path), path) : undefined;
  return said ?? endsIn(config, configPath(folder)) ??
    endsIn(Object(config).text_config, configPath(folder));
}

function endsIn(settings: unknown, where: string): readonly number[] | undefined {
  const said: unknown = Object(settings).eos_token_id ?? undefined;
  const ends = said === undefined ? [] : [said].flat();
  for (const id of ends) {
    if (!Number.isInteger(id) || (id as number) < 0) {
      throw new RangeError(
        `${where} says eos_token_id: ${
          JSON.stringify(said)
        }; it must be a token's id, or a list of them.`,
      );
    }
  }
  return ends.length > 0 ? ends as number[] : undefined;
}
