import type { Way } from "./way.ts";

/** PPO with a KL penalty (Ziegler et al., 2019): the base model follows the gradient of its texts' rewards. */
export const ppo: Way = {
  kind: "ppo",
  title: "Proximal policy optimization with a KL penalty (PPO)",
  name: "PPO",
  formula:
    "the logits of a language model that maximizes E[r] − KL(q‖p) / β, with p the base model",
  source:
    "Ziegler, Stiennon, Wu, Brown, Radford, Amodei, Christiano, Irving: Fine-Tuning Language Models from Human Preferences, 2019",
  learnsFrom: "rewards of its own texts",
  callsAStep: "0",
  command: "deno task train policy --method ppo",
};
