import { homedir } from "node:os";
import { join } from "node:path";
import type { OptionsOf, OptionTable } from "../../options/option.ts";
import { signalOption } from "../../options/signal_option.ts";

/** What everything that is fetched from a hub takes. */
export const hubOptions = {
  revision: {
    type: "text",
    default: "main",
    placeholder: "name",
    help: "branch, tag or commit",
  },
  cacheFolder: {
    type: "text",
    flag: false,
    defaultHelp: "HF_HUB_CACHE, or else `hub` in HF_HOME, or else `~/.cache/huggingface/hub`",
    help: "folder of the cache",
  },
  endpoint: {
    type: "text",
    flag: false,
    defaultHelp: "HF_ENDPOINT, or else `https://huggingface.co`",
    help: "address of the hub",
  },
  token: {
    type: "text",
    flag: false,
    defaultHelp: "HF_TOKEN",
    help: "token for what is private or gated; none if empty",
  },
  offline: {
    type: "boolean",
    flag: false,
    defaultHelp: "whether HF_HUB_OFFLINE is set",
    help: "use the cache only",
  },
  tries: {
    type: "integer",
    min: 1,
    default: 5,
    flag: false,
    help: "how often something is tried before it is given up",
  },
  pause: {
    type: "number",
    min: 0,
    default: 1,
    flag: false,
    help: "seconds before the second try; each further wait is twice as long",
  },
  patience: {
    type: "number",
    above: 0,
    default: 30,
    flag: false,
    help: "seconds that the hub may be silent",
  },
  signal: {
    ...signalOption,
    help: "stops the fetching; what has come stays, and is gone on from",
  },
} as const satisfies OptionTable;
export type HubOptions = OptionsOf<typeof hubOptions>;

/** Options with the defaults and the environment put in. */
export interface HubSettings extends HubOptions {
  revision: string;
  cacheFolder: string;
  endpoint: string;
  /** The environment variable that the endpoint can be in, to be named in errors. */
  addressIn: string;
  offline: boolean;
  tries: number;
  pause: number;
  patience: number;
}

/** What the environment says under a name. */
type Environment = (name: string) => string | undefined;

/**
 * Options with the defaults and the environment put in.
 *
 * @throws {TypeError} if the endpoint is no address.
 */
export function hubSettings(
  options: HubOptions,
  environment: Environment = (name) => Deno.env.get(name),
): HubSettings {
  const endpoint = (options.endpoint ?? (environment("HF_ENDPOINT") || "https://huggingface.co"))
    .replace(/\/+$/, "");
  if (!/^https?:$/.test(URL.parse(endpoint)?.protocol ?? "")) {
    throw new TypeError(
      `The address of the hub, '${endpoint}', is not one: correct HF_ENDPOINT, such as https://huggingface.co.`,
    );
  }
  return {
    revision: options.revision ?? "main",
    cacheFolder: options.cacheFolder ?? defaultCache(environment),
    endpoint,
    addressIn: "HF_ENDPOINT",
    token: (options.token ?? environment("HF_TOKEN"))?.trim() || undefined,
    offline: options.offline ?? /^(1|on|yes|true)$/i.test(environment("HF_HUB_OFFLINE") ?? ""),
    tries: options.tries ?? 5,
    pause: options.pause ?? 1,
    patience: options.patience ?? 30,
    signal: options.signal,
  };
}

/** The rules of huggingface_hub, so that its files are found. */
function defaultCache(environment: Environment): string {
  const expanded = (path: string) => /^~(?=\/|$)/.test(path) ? homedir() + path.slice(1) : path;
  const named = environment("HF_HUB_CACHE") || environment("HUGGINGFACE_HUB_CACHE");
  if (named) return expanded(named);
  const all = environment("HF_HOME") ||
    join(environment("XDG_CACHE_HOME") || join(homedir(), ".cache"), "huggingface");
  return join(expanded(all), "hub");
}
