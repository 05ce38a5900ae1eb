import { createInterface } from "node:readline";
import { Readable } from "node:stream";

/** The lines of a stream of UTF-8 text, as they come. */
export function linesIn(stream: ReadableStream<Uint8Array>): AsyncIterable<string> {
  // Deno's types of the stream are not Node's, the objects are
  const input = Readable.fromWeb(stream as Parameters<typeof Readable.fromWeb>[0]);
  return createInterface({ input });
}
