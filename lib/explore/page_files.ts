const types: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** The files of the page by their address; nothing else is served. */
const files: Record<string, string> = {
  "/": "index.html",
  ...Object.fromEntries(
    [
      "style.css",
      "icon.svg",
      "answer.js",
      "candidates.js",
      "controls.js",
      "copy.js",
      "element.js",
      "explorer.js",
      "link.js",
      "pointer.js",
      "reward_line.js",
      "steering.js",
      "text_card.js",
    ].map((name) => [`/${name}`, name]),
  ),
};

/** The file of the page at an address, if there is one. */
export async function pageFile(
  path: string,
): Promise<{ content: Uint8Array<ArrayBuffer>; type: string } | undefined> {
  const name = Object.hasOwn(files, path) ? files[path] : undefined;
  if (name === undefined) return undefined;
  const content = await Deno.readFile(new URL(`page/${name}`, import.meta.url));
  return { content, type: types[name.split(".").at(-1)!] };
}
