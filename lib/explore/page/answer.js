/**
 * Asks for continuations and gives what comes, event by event.
 *
 * @param signal ends it.
 * @throws one sentence, if the server refuses or is gone.
 */
export async function* continuations(request, signal) {
  const response = await answer("/continuations", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(request),
    signal,
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read().catch((cause) => {
      throw signal?.aborted ? cause : gone(cause);
    });
    if (done) break;
    const lines = (rest + value).split("\n");
    rest = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

/** What there is to set, and which models there are. */
export async function readSettings() {
  return await (await answer("/settings")).json();
}

async function answer(address, options) {
  let response;
  try {
    response = await fetch(address, options);
  } catch (cause) {
    if (options?.signal?.aborted) throw cause;
    throw gone(cause);
  }
  if (!response.ok) throw new Error((await response.json()).error);
  return response;
}

function gone(cause) {
  return new Error("The explorer does not answer: start its command again.", { cause });
}
