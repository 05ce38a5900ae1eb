import index from "./page/index.html" with { type: "text" };
import page from "./page/page.js" with { type: "text" };
import random from "./page/random.js" with { type: "text" };
import steeredModel from "./page/steered_model.js" with { type: "text" };

/** The page that steers in a browser, by file. It is part of the program, wherever that was loaded from. */
export const pageFiles: Readonly<Record<string, string>> = {
  "index.html": index,
  "page.js": page,
  "random.js": random,
  "steered_model.js": steeredModel,
};
