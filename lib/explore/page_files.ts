import answer from "./page/answer.js" with { type: "text" };
import candidates from "./page/candidates.js" with { type: "text" };
import controls from "./page/controls.js" with { type: "text" };
import copy from "./page/copy.js" with { type: "text" };
import element from "./page/element.js" with { type: "text" };
import explorer from "./page/explorer.js" with { type: "text" };
import icon from "./page/icon.svg" with { type: "text" };
import index from "./page/index.html" with { type: "text" };
import link from "./page/link.js" with { type: "text" };
import pointer from "./page/pointer.js" with { type: "text" };
import rewardLine from "./page/reward_line.js" with { type: "text" };
import steering from "./page/steering.js" with { type: "text" };
import style from "./page/style.css" with { type: "text" };
import textCard from "./page/text_card.js" with { type: "text" };

const types: Record<string, string> = {
  html: "text/html; charset=utf-8",
  css: "text/css; charset=utf-8",
  js: "text/javascript; charset=utf-8",
  svg: "image/svg+xml",
};

/** The files of the page by their address; nothing else is served. They are part of the program, wherever it was loaded from. */
const files: Readonly<Record<string, string>> = {
  "/": index,
  "/style.css": style,
  "/icon.svg": icon,
  "/answer.js": answer,
  "/candidates.js": candidates,
  "/controls.js": controls,
  "/copy.js": copy,
  "/element.js": element,
  "/explorer.js": explorer,
  "/link.js": link,
  "/pointer.js": pointer,
  "/reward_line.js": rewardLine,
  "/steering.js": steering,
  "/text_card.js": textCard,
};

/** The file of the page at an address, if there is one. */
export function pageFile(path: string): { content: string; type: string } | undefined {
  if (!Object.hasOwn(files, path)) return undefined;
  const extension = path === "/" ? "html" : path.split(".").at(-1)!;
  return { content: files[path], type: types[extension] };
}
