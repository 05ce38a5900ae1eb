import { corpora } from "../data/corpora/mod.ts";
import { command } from "./command.ts";

/** `data list`. */
export const dataList = command("list", "List the data sets that are known by name.")
  .option("--json", "as JSON")
  .action(({ json }) => {
    if (json) {
      const rows = corpora.map(({ name, what, use, source, kind, labels, splits }) => (
        { name, what, use, source, kind, labels, splits }
      ));
      console.log(JSON.stringify(rows, null, 2));
      return;
    }
    console.log(
      corpora.map(({ name, what, use, source, kind, labels, splits }) =>
        [
          `${name}: ${what} (${kind})`,
          `  labels: ${labels.join(", ")}`,
          `  splits: ${
            Object.entries(splits).map(([split, { rows }]) =>
              `${split} ${rows.toLocaleString("en-US")}`
            ).join(", ")
          }`,
          `  ${use}`,
          `  ${source}`,
        ].join("\n")
      ).join("\n\n"),
    );
  });
