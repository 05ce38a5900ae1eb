"""Guided decoding in PyTorch: a base model of transformers steered at the top k of its logits, all models with caches.

A round continues one prompt by a number of tokens, for a number of samples. An ARM rates all candidates from one hidden
state; RAD reads every candidate behind the text's cache, as its authors do.
"""

import copy

import torch
from transformers import AutoConfig, AutoModel, AutoModelForCausalLM

from precision import about, done, dtype, place
from rounds import serve, setting

given = setting()
device = place(given)
torch.manual_seed(0)
torch.set_default_dtype(dtype(given["precision"]))
base = AutoModelForCausalLM.from_config(AutoConfig.for_model(**given["base"])).to(device).eval()
system, k = given["system"], given["k"]
if system != "unguided":
    config = AutoConfig.for_model(**given["reward"])
    reward = AutoModel.from_config(config).to(device).eval()
    embeddings = reward.get_input_embeddings().weight
    baseline = torch.nn.Linear(config.hidden_size, 1, bias=False)
    marginal = torch.nn.Linear(config.hidden_size, config.hidden_size, bias=False)


def rate(read, candidates):
    """The rewards of candidates [rows, k]: equation (2) of the last hidden state, or what RAD says of each as the last token."""
    if system == "arm":
        hidden = read.last_hidden_state[:, -1]
        return baseline(hidden) + torch.einsum("bd,bkd->bk", marginal(hidden), embeddings[candidates])
    cache = copy.deepcopy(read.past_key_values)
    cache.batch_repeat_interleave(k)
    after = reward(input_ids=candidates.reshape(-1, 1), past_key_values=cache, use_cache=True)
    return baseline(after.last_hidden_state[:, -1]).reshape(candidates.shape)


@torch.inference_mode()
def generate():
    ids = torch.randint(1, vocabulary, (1, given["prompt"])).repeat(given["samples"], 1)
    rewarded = torch.cat([torch.zeros_like(ids[:, :1]), ids], 1)
    cache = reward_cache = None
    for _ in range(given["tokens"]):
        out = base(input_ids=ids, past_key_values=cache, use_cache=True, logits_to_keep=1)
        cache = out.past_key_values
        logits, candidates = out.logits[:, -1].topk(k)
        if system != "unguided":
            read = reward(input_ids=rewarded, past_key_values=reward_cache, use_cache=True)
            reward_cache = read.past_key_values
            logits = logits + 20 * rate(read, candidates).clamp(0, 1)
        drawn = torch.multinomial(torch.softmax(logits.float(), -1), 1)
        ids = rewarded = candidates.gather(1, drawn)
    done(device)


vocabulary = base.config.vocab_size
generate()
serve(generate, about(given["precision"]))
