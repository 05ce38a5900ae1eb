import type { Answer } from "./request.ts";

/** A hub's answer that it will not give something. */
export class Refusal extends Error {
  readonly status: number;
  /** What Hugging Face's hub says beside the status, such as `RevisionNotFound`. */
  readonly code: string | undefined;

  constructor({ status, headers }: Answer) {
    super(`the hub answers with the status ${status}`);
    this.status = status;
    this.code = headers.get("x-error-code") ?? undefined;
  }

  /** Why, and what to do, as the end of a sentence; undefined where it depends on what was asked for. */
  reason(token: string | undefined, page: string): string | undefined {
    if (this.status === 403 || this.code === "GatedRepo") {
      return `it is only for those who were granted access: ask for it at ${page}, and set HF_TOKEN to a token of ` +
        "that account";
    }
    if (this.status === 401) {
      return token
        ? "there is none of that name that the token in HF_TOKEN may see: check the name and the token"
        : "there is none of that name that everybody may see: check the name, or set HF_TOKEN to a token of yours";
    }
    if (this.status === 404) return undefined;
    return `${this.message}: check the name, and that HF_ENDPOINT is a hub`;
  }
}
