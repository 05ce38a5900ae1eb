import { extname, join } from "node:path";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html",
  ".js": "text/javascript",
  ".mjs": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** Serves the files of a folder to this machine, as any server of files does. */
export function serveFolder(folder: string): { readonly address: string } & AsyncDisposable {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { pathname } = new URL(request.url);
    const path = join(folder, pathname === "/" ? "index.html" : decodeURIComponent(pathname));
    const file = await Deno.open(path).catch(() => undefined);
    return new Response(file?.readable, {
      status: file ? 200 : 404,
      headers: { "Content-Type": types[extname(path)] ?? "application/octet-stream" },
    });
  });
  return {
    address: `http://127.0.0.1:${server.addr.port}/`,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
