"""Makes the files beside it with PyTorch and transformers (2.15.0 and 5.24.0 did), to be read in the tests."""

from collections import OrderedDict
import json
from pathlib import Path

import torch
from torch import nn
from transformers import GPT2Config, GPT2LMHeadModel

torch.manual_seed(0)
here = Path(__file__).parent


class RewardModel(nn.Module):
    """The teacher of RAD (github.com/r-three/RAD, reward_modeling/reward_model.py), with its names."""

    def __init__(self, config, labels):
        super().__init__()
        self.model = GPT2LMHeadModel(config)
        self.model.lm_head = nn.Linear(config.n_embd, labels)

    def forward(self, ids):
        return self.model(ids).logits[:, -1]


class Head(nn.Module):
    def __init__(self, config, labels):
        super().__init__()
        self.lm_projection = nn.Linear(config.n_embd, config.n_embd * labels, bias=False)
        self.prefix_baseline = nn.Linear(config.n_embd, labels, bias=False)


class SoftRewardModel(nn.Module):
    """The ARM (github.com/serjtroshin/rad-q, GPT2RewardSoftModel with LinearHeadWithBaseline), with its names."""

    def __init__(self, config, labels):
        super().__init__()
        self.model = GPT2LMHeadModel(config)
        self.head = Head(config, labels)

    def forward(self, ids):
        hidden = self.model.transformer(ids).last_hidden_state[:, -1]
        projected = self.head.lm_projection(hidden).reshape(len(ids), -1, hidden.shape[-1])
        return projected @ self.model.lm_head.weight.T + self.head.prefix_baseline(hidden)[:, :, None]


config = GPT2Config(
    vocab_size=13, n_positions=8, n_embd=8, n_layer=1, n_head=2, bos_token_id=12, eos_token_id=12, initializer_range=0.4
)
text = [3, 1, 4]
rad, arm = RewardModel(config, 2).eval(), SoftRewardModel(config, 2).eval()
torch.save(rad.state_dict(), here / "rad.bin")
torch.save(arm.state_dict(), here / "arm.bin")
config.to_json_file(here / "config.json", use_diff=False)

grid = torch.arange(12, dtype=torch.float32).reshape(3, 4)
values = OrderedDict(
    rows=grid,
    turned=grid.t(),
    part=grid[1:, 2],
    parameter=nn.Parameter(grid[2]),
    half=torch.tensor([1.5, -2.25], dtype=torch.float16),
    brain=torch.tensor([1.5, -2.25], dtype=torch.bfloat16),
    double=torch.tensor(3.5, dtype=torch.float64),
    long=torch.tensor([1, -(2**40)]),
    flags=torch.tensor([True, False]),
    empty=torch.empty(0, 3),
)
torch.save(values, here / "values.bin")
torch.save({"epoch": 3, "model_state_dict": values}, here / "nested.bin")
torch.save(values, here / "legacy.bin", _use_new_zipfile_serialization=False)
torch.save(nn.Linear(2, 2), here / "module.bin")

expected = {
    "text": text,
    "rad": rad(torch.tensor([text]))[0].tolist(),
    # it reads BOS first
    "arm": arm(torch.tensor([[config.bos_token_id, *text]]))[0].tolist(),
}
(here / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")
