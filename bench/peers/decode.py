"""Guided decoding in PyTorch: a base model of transformers steered by an ARM at the top k of its logits, with both caches.

A round continues one prompt by a number of tokens, for a number of samples.
"""

import torch
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

from precision import about, dtype
from rounds import serve, setting

given = setting()
torch.set_num_threads(given["threads"])
torch.manual_seed(0)
torch.set_default_dtype(dtype(given["precision"]))
base = AutoModelForCausalLM.from_config(AutoConfig.for_model(**given["base"])).eval()
if given["guided"]:
    config = AutoConfig.for_model(**given["reward"])
    reward = AutoModel.from_config(config).eval()
    embeddings = reward.get_input_embeddings().weight
    baseline = torch.nn.Linear(config.hidden_size, 1, bias=False)
    marginal = torch.nn.Linear(config.hidden_size, config.hidden_size, bias=False)


@torch.inference_mode()
def generate():
    ids = torch.randint(1000, (1, given["prompt"])).repeat(given["samples"], 1)
    rewarded = torch.cat([torch.zeros_like(ids[:, :1]), ids], 1)
    cache = reward_cache = None
    for _ in range(given["tokens"]):
        out = base(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache = out.past_key_values
        logits, candidates = out.logits[:, -1].topk(given["k"])
        if given["guided"]:
            read = reward(input_ids=rewarded, past_key_values=reward_cache, use_cache=True)
            reward_cache = read.past_key_values
            hidden = read.last_hidden_state[:, -1]
            rated = baseline(hidden) + torch.einsum("bd,bkd->bk", marginal(hidden), embeddings[candidates])
            logits = logits + 20 * rated.clamp(0, 1)
        drawn = torch.multinomial(torch.softmax(logits.float(), -1), 1)
        ids = rewarded = candidates.gather(1, drawn)


generate()
serve(generate, about(given["precision"]))
