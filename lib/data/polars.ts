import type pl from "nodejs-polars";

/** What the package of Polars exports. */
export type Polars = typeof pl;

/** Polars, loaded where a table is first read or written: whoever only steers a model needs none. */
export async function polars(): Promise<Polars> {
  return (await import("nodejs-polars")).default;
}
