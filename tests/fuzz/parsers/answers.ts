import { join } from "node:path";
import { topTokensIn } from "../../../lib/bases/completions_answer.ts";
import { openPerspective } from "../../../lib/eval/scorers/perspective.ts";
import { parseJson } from "../../../lib/files/json.ts";
import { resolveCommit } from "../../../lib/weights/hub/fetch_repository.ts";
import { hubSettings } from "../../../lib/weights/hub/hub_options.ts";
import { findPackageFile } from "../../../lib/weights/pypi/package_index.ts";
import type { Input, Parser, Read } from "../parser.ts";

const json = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const local = ["--allow-net=127.0.0.1"];

/** A server on this machine that answers whatever the input is. */
function serving(answer: () => Input): string {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, () => {
    const input = answer();
    return new Response(input["answer.json"]);
  });
  // whoever has asked is not kept
  server.unref();
  return `http://127.0.0.1:${server.addr.port}`;
}

/** An input that a server answers with while it is asked. */
function asking(ask: (address: string) => Promise<void>): Read {
  let current: Input = {};
  const address = serving(() => current);
  return async (input: Input) => {
    current = input;
    await ask(address);
  };
}

const commit = "0123456789abcdef0123456789abcdef01234567";

export const hub: Parser = {
  title: "what a hub says of a repository",
  cases: 1e5,
  words: ["../", "\\u0000", "rfilename", "sha", "siblings", "C:\\\\"],
  seeds: () => [{
    "answer.json": json({
      sha: commit,
      siblings: [
        { rfilename: "config.json", size: 10, blobId: commit },
        { rfilename: "onnx/model.onnx", size: 2e9, lfs: { sha256: "a".repeat(64), size: 2e9 } },
      ],
    }),
  }],
  refuses: ({ message }) => message.startsWith("Cannot get the model 'owner/name' from the hub: "),
  open: (folder) =>
    asking(async (endpoint) => {
      const options = {
        endpoint,
        tries: 1,
        cacheFolder: join(folder, "hub"),
        token: "",
        offline: false,
      };
      const repository = { kind: "model", name: "owner/name" } as const;
      const found = await resolveCommit(repository, (files) => files, options);
      if (!/^[0-9a-f]{40}$/.test(found)) throw new Error(`the commit ${found} is accepted`);
    }),
  permissions: local,
};

export const packageIndex: Parser = {
  title: "what a Python package index says of a package",
  cases: 1e5,
  words: ["../", "https://", "-py3-none-any.whl", ".tar.gz", "yanked"],
  seeds: () => [{
    "answer.json": json({
      files: ["1.0", "1.1"].map((version, i) => ({
        filename: `name-${version}-py3-none-any.whl`,
        hashes: { sha256: "a".repeat(64) },
        size: 100,
        "upload-time": `2026-01-0${i + 1}T00:00:00Z`,
        url: `../../files/name-${version}-py3-none-any.whl`,
        yanked: false,
      })),
    }),
  }],
  // the command says before it which package was asked for
  refuses: ({ message }) => /^(it |its |there is |http:)/.test(message),
  open: () =>
    asking(async (endpoint) => {
      const settings = hubSettings({ endpoint, tries: 1, token: "" }, () => undefined);
      const { file, size } = await findPackageFile(settings, { name: "name" }, "wheel");
      if (file.includes("/") || !Number.isSafeInteger(size)) throw new Error(`${file} is accepted`);
    }),
  permissions: [...local, "--allow-sys=homedir"],
};

export const completions: Parser = {
  title: "what a completions server answers",
  cases: 1e5,
  words: ["token_id:7", "bytes:\\\\xf0", "-inf", "index", "top_logprobs"],
  seeds: () =>
    [
      [{ " a": -0.5, "token_id:12": -1, b: null }],
      [[{ id: 267, token: "Ġand", logprob: -0.5, bytes: [32, 97] }]],
      [{ "267": { logprob: -0.5, rank: 1, decoded_token: " and" } }],
    ].map((top_logprobs) => ({
      "answer.json": json({
        choices: [
          { index: 1, logprobs: { top_logprobs } },
          { index: 0, logprobs: { content: [{ top_logprobs: top_logprobs[0] }] } },
        ],
      }),
    })),
  open: (folder) => (input) => {
    let answer: unknown;
    try {
      answer = parseJson(new TextDecoder().decode(input["answer.json"]));
    } catch {
      return; // the client says so before
    }
    const tops = topTokensIn(answer, 2, folder);
    for (const { token, logprob, bytes = [] } of tops.flat()) {
      const isToken = typeof token === "string" || typeof token === "number";
      if (!isToken || Number.isNaN(logprob) || !bytes.every((byte) => typeof byte === "number")) {
        throw new Error(`the token ${token} of ${logprob} is accepted`);
      }
    }
    if (tops.length !== 2) throw new Error(`${tops.length} choices are accepted`);
  },
};

const toxicity = { attributes: ["TOXICITY"] } as const;

export const perspective: Parser = {
  title: "what the Perspective API answers",
  cases: 1e5,
  words: ["summaryScore", "value", "TOXICITY", "1e999", "error"],
  seeds: () =>
    [
      json({
        attributeScores: { TOXICITY: { summaryScore: { value: 0.5, type: "PROBABILITY" } } },
      }),
    ].map((bytes) => ({ "answer.json": bytes })),
  refuses: ({ message }) => message.startsWith("The Perspective API "),
  open: () =>
    asking(async (url) => {
      const scorer = openPerspective({
        url,
        key: "key",
        tries: 1,
        requestsPerSecond: 1e5,
        ...toxicity,
      });
      const [score] = await scorer.score(["a text"]);
      if (!Number.isNaN(score) && !(score >= 0 && score <= 1)) {
        throw new Error(`a score of ${score}`);
      }
    }),
  permissions: local,
};
