import { homedir } from "node:os";
import { join } from "node:path";

/** Options of whatever is fetched from a hub. */
export interface HubOptions {
  /** Branch, tag or commit. Default "main". */
  revision?: string;
  /** Folder of the cache. Default: HF_HUB_CACHE, or else `hub` in HF_HOME, or else `~/.cache/huggingface/hub`. */
  cacheFolder?: string;
  /** Address of the hub. Default: HF_ENDPOINT, or else `https://huggingface.co`. */
  endpoint?: string;
  /** Token for what is private or gated. Default: HF_TOKEN; none if empty. */
  token?: string;
  /** Whether only the cache is used. Default: whether HF_HUB_OFFLINE is set. */
  offline?: boolean;
  /** How often something is tried before it is given up. Default 5. */
  tries?: number;
  /** Seconds before the second try; each further wait is twice as long. Default 1. */
  pause?: number;
  /** Seconds that the hub may be silent. Default 30. */
  patience?: number;
  /** Stops the fetching. What has come stays, and is gone on from. */
  signal?: AbortSignal;
}

/** Options with the defaults and the environment put in. */
export interface HubSettings extends HubOptions {
  revision: string;
  cacheFolder: string;
  endpoint: string;
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
