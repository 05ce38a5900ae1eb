/** What Prometheus calls the kinds of numbers. */
type MetricKind = "counter" | "gauge";

interface Metric {
  readonly kind: MetricKind;
  readonly help: string;
}

const described = {
  requests_total: { kind: "counter", help: "Requests that were answered, by status." },
  prompt_tokens_total: { kind: "counter", help: "Tokens of prompts that were read." },
  generated_tokens_total: { kind: "counter", help: "Tokens that were written." },
  steps_total: { kind: "counter", help: "Steps in which all rows wrote a token." },
  step_seconds_total: { kind: "counter", help: "Seconds that these took." },
  prompt_runs_total: { kind: "counter", help: "Runs that read prompts." },
  prompt_seconds_total: { kind: "counter", help: "Seconds that these took." },
  first_token_seconds_total: {
    kind: "counter",
    help: "Seconds from a request to the first token of each of its texts.",
  },
  first_tokens_total: { kind: "counter", help: "Texts that have a first token." },
  rows: { kind: "gauge", help: "Texts that are being written." },
  waiting_texts: { kind: "gauge", help: "Texts that wait for a row." },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof described;

/** Numbers of a server, since it began. */
export class Metrics {
  readonly #values = new Map<MetricName, number>();
  readonly #requests = new Map<number, number>();

  add(name: MetricName, value = 1): void {
    this.#values.set(name, (this.#values.get(name) ?? 0) + value);
  }

  set(name: MetricName, value: number): void {
    this.#values.set(name, value);
  }

  /** Counts a request that was answered. */
  answered(status: number): void {
    this.#requests.set(status, (this.#requests.get(status) ?? 0) + 1);
  }

  /** All of them in Prometheus' text format. */
  text(): string {
    return Object.entries(described).map(([key, { kind, help }]) => {
      const name = `armature_${key}`;
      const values = key === "requests_total"
        ? [...this.#requests].map(([status, count]) => `${name}{status="${status}"} ${count}\n`)
        : [`${name} ${this.#values.get(key as MetricName) ?? 0}\n`];
      return `# HELP ${name} ${help}\n# TYPE ${name} ${kind}\n${values.join("")}`;
    }).join("");
  }
}
