import { dirname } from "node:path";

/** What the operating system said about a failed write, as one sentence with the way out. */
export function cannotWrite(path: string, cause: unknown): Error {
  return new Error(`Cannot write '${path}': ${writeReason(path, cause)}`, { cause });
}

/** What the operating system said about a failed read, as one sentence with the way out. */
export function cannotRead(path: string, cause: unknown): Error {
  return new Error(`Cannot read '${path}': ${readReason(cause)}`, { cause });
}

function writeReason(path: string, cause: unknown): string {
  switch (codeOf(cause)) {
    case "ENOSPC":
    case "EDQUOT":
      return "the disk is full, so free some space and try again (an existing file is unchanged)";
    case "ENOENT":
      return `the folder '${dirname(path)}' does not exist, so create it first`;
    case "EISDIR":
      return "there is a folder of that name, so choose another file name";
    case "EACCES":
    case "EPERM":
    case "EBUSY":
      return "permission was denied, so check who may write there and that no other program has " +
        "the file open";
    default:
      return messageOf(cause);
  }
}

function readReason(cause: unknown): string {
  switch (codeOf(cause)) {
    case "ENOENT":
      return "there is no such file, so check the path";
    case "EISDIR":
      return "it is a folder, so name a file";
    case "EACCES":
    case "EPERM":
      return "permission was denied, so check who may read it";
    default:
      return messageOf(cause);
  }
}

function codeOf(cause: unknown): string | undefined {
  return (cause as { code?: string }).code;
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}
