/** Whether a text can be the name of a model on the hub: `name` or `owner/name`. */
export function isHubName(text: string): boolean {
  return /^(?!-)[\w.-]+(\/[\w.-]+)?$/.test(text) && !/\.\.|--|^\.|\/\./.test(text);
}

/** Options of whatever is fetched from the hub. */
export interface HubOptions {
  /** Branch, tag or commit. Default "main". */
  revision?: string;
  /** Folder that keeps what was fetched. Default: transformers.js's own, inside its package. */
  cacheFolder?: string;
}

/** What transformers.js takes for them. */
export function pretrainedOptions({ revision, cacheFolder }: HubOptions): {
  revision?: string;
  cache_dir?: string;
} {
  return {
    ...(revision === undefined ? {} : { revision }),
    ...(cacheFolder === undefined ? {} : { cache_dir: cacheFolder }),
  };
}

/**
 * Fetches something of a model on the hub through transformers.js, which asks the network only for what it has not
 * kept from before. The environment variable HF_ENDPOINT names another hub than huggingface.co, HF_TOKEN the token
 * for models that need one.
 *
 * @param load the call of transformers.js.
 * @throws {Error} one sentence, if the model is not there or the network cannot be used.
 */
export async function fromHub<T>(name: string, load: () => Promise<T>): Promise<T> {
  const endpoint = Deno.env.get("HF_ENDPOINT") || "https://huggingface.co";
  const { env } = await import("@huggingface/transformers");
  env.remoteHost = endpoint.replace(/\/?$/, "/");
  try {
    return await load();
  } catch (cause) {
    throw new Error(`Cannot get the model '${name}' from the hub: ${reasonOf(cause)}`, { cause });
  }
}

function reasonOf(cause: unknown): string {
  if (cause instanceof Deno.errors.NotCapable) {
    return "this task may not use the network, so run its variant that ends in :net, or name a folder " +
      "(there is none of that name)";
  }
  const message = (cause instanceof Error ? cause.message : String(cause)).replace(/\.$/, "");
  if (cause instanceof Error && cause.name === "ModelFileNotFoundError") {
    return `${message}, so check the name, or the kinds of weights that the model has (dtype)`;
  }
  if (cause instanceof TypeError && /request|fetch|connect|dns/i.test(message)) {
    return `${message}, so check the network, or name a folder`;
  }
  return message;
}
