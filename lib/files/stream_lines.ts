/**
 * The lines of a stream of UTF-8 text, as they come.
 *
 * @param torn whether what follows the last line end is a line, too. Of a process that may be killed it is none. Default true.
 */
export async function* linesIn(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  { torn = true }: { torn?: boolean } = {},
): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (torn && rest) yield rest;
}
