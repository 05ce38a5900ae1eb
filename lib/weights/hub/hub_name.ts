/** Whether a text can be the name of a model or data set on the hub: `name` or `owner/name`. */
export function isHubName(text: string): boolean {
  return /^(?!-)[\w.-]+(\/[\w.-]+)?$/.test(text) && !/\.\.|--|^\.|\/\./.test(text);
}

/** Whether a revision or the path of a file, as a hub gives it, stays below the folder that it is put into. */
export function isSafePath(path: string): boolean {
  return !/[\\:\0]/.test(path) &&
    path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}
