import { command, runCommand } from "./command.ts";
import { dataDescribe } from "./data_describe.ts";
import { dataList } from "./data_list.ts";

await runCommand(
  command("data", "Look at data sets.")
    .usage("describe|list [options]")
    .addCommand(dataDescribe)
    .addCommand(dataList),
);
