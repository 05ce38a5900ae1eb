import type { OptionsOf, OptionTable } from "../options/option.ts";

/** What a message of a chat has. */
export const chatMessageOptions = {
  role: {
    type: "text",
    required: true,
    help: "who says it: user, assistant, or what else the template knows, such as system",
  },
  content: { type: "text", required: true, help: "what is said" },
} as const satisfies OptionTable;

/** A message of a chat. */
export type ChatMessage = OptionsOf<typeof chatMessageOptions>;
