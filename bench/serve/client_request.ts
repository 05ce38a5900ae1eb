/** How a client behaves. */
export type Behaviour = "patient" | "streaming" | "slow" | "leaving" | "garbage";

/** A request that a client is to send. */
export interface ClientRequest {
  readonly behaviour: Behaviour;
  readonly body: Record<string, unknown>;
}

/** What came of it. */
export interface ClientAnswer {
  readonly request: number;
  readonly status: number;
  /** The text; of a client that leaves, what it saw. */
  readonly text?: string;
  readonly tokens: number;
  /** When it was sent and when it ended, in milliseconds since 1970. */
  readonly began: number;
  readonly ended: number;
  /** Milliseconds to the first piece, of clients that stream. */
  readonly first?: number;
}

/** What a process of clients is told. */
export interface ClientOrders {
  readonly address: string;
  /** Clients at a time. */
  readonly clients: number;
  readonly requests: readonly ClientRequest[];
}
