"""Guided decoding as fast as PyTorch alone makes it: GPT-2 in float16 with caches of a fixed size, attention by
scaled_dot_product_attention, and a whole step of base and ARM compiled, as a CUDA graph on a GPU.

A round continues one prompt by a number of tokens, for a number of samples. It needs no transformers.
"""

import torch
from torch import nn
from torch.nn import functional as F

from precision import about, done, dtype, place
from rounds import serve, setting

given = setting()
device = place(given)
torch.manual_seed(0)
torch.set_default_dtype(dtype(given["precision"]))
rows, k = given["samples"], given["k"]
# what is read: BOS, the prompt, and all new tokens but the last
room = 1 + given["prompt"] + given["tokens"]


class Block(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.up, self.down = nn.Linear(width, 4 * width), nn.Linear(4 * width, width)
        cache = torch.zeros(rows, heads, room, width // heads)
        self.register_buffer("keys", cache.clone())
        self.register_buffer("values", cache.clone())
        # a CUDA graph writes where they were when it was captured
        for each in (self.keys, self.values):
            torch._dynamo.mark_static_address(each)

    def forward(self, x, places, mask):
        split = lambda y: y.unflatten(-1, (self.heads, -1)).transpose(1, 2)
        q, key, value = map(split, self.qkv(self.norm1(x)).chunk(3, -1))
        self.keys.index_copy_(2, places, key)
        self.values.index_copy_(2, places, value)
        y = F.scaled_dot_product_attention(q, self.keys, self.values, attn_mask=mask)
        x = x + self.out(y.transpose(1, 2).flatten(2))
        return x + self.down(F.gelu(self.up(self.norm2(x)), approximate="tanh"))


class Gpt2(nn.Module):
    def __init__(self, config):
        super().__init__()
        width = config["n_embd"]
        self.tokens = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Embedding(config["n_positions"], width)
        self.blocks = nn.ModuleList(Block(width, config["n_head"]) for _ in range(config["n_layer"]))
        self.norm = nn.LayerNorm(width)

    def forward(self, ids, places):
        """ids [rows, time] at places [time] → the hidden state of the last one [rows, width]."""
        x = self.tokens(ids) + self.positions(places)
        mask = torch.arange(room) <= places[:, None]
        for block in self.blocks:
            x = block(x, places, mask)
        return self.norm(x[:, -1])


base = Gpt2(given["base"]).eval()
guided = given["system"] == "arm"
if guided:
    reward = Gpt2(given["reward"]).eval()
    width = given["reward"]["n_embd"]
    baseline, marginal = nn.Linear(width, 1, bias=False), nn.Linear(width, width, bias=False)


def step(ids, places, rewarded, reward_places):
    """The next token of each row [rows, 1]."""
    logits, candidates = F.linear(base(ids, places), base.tokens.weight).topk(k)
    if guided:
        hidden = reward(rewarded, reward_places)
        embedded = reward.tokens(candidates)
        rated = baseline(hidden) + torch.einsum("bd,bkd->bk", marginal(hidden), embedded)
        logits = logits + 20 * rated.clamp(0, 1)
    drawn = torch.multinomial(torch.softmax(logits.float(), -1), 1)
    return candidates.gather(1, drawn)


compiled = torch.compile(step, mode="reduce-overhead" if device.type == "cuda" else "default", dynamic=False)


@torch.inference_mode()
def generate():
    length = given["prompt"]
    ids = torch.randint(1, given["base"]["vocab_size"], (1, length)).repeat(rows, 1)
    bos = torch.zeros_like(ids[:, :1])
    # the prompt is another shape, and read once
    ids = step(ids, torch.arange(length), torch.cat([bos, ids], 1), torch.arange(1 + length)).clone()
    for i in range(length, length + given["tokens"] - 1):
        ids = compiled(ids, torch.tensor([i]), ids, torch.tensor([1 + i])).clone()
    done(device)


for _ in range(3):
    generate()
serve(generate, about(given["precision"]))
