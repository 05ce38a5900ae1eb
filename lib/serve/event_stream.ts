/**
 * Objects as server-sent events, as OpenAI streams them.
 *
 * @param ended is told when all are read, or nobody reads on.
 */
export function eventStream(
  objects: AsyncGenerator<unknown, void, undefined>,
  ended: () => void,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  const event = (text: string) => encoder.encode(`data: ${text}\n\n`);
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await objects.next();
      if (!done) return controller.enqueue(event(JSON.stringify(value)));
      controller.enqueue(event("[DONE]"));
      controller.close();
      ended();
    },
    cancel() {
      ended();
    },
  });
}
