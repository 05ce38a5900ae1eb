"""Steps of training an ARM in PyTorch: equations (2), (3) and (5) on a backbone of transformers, AdamW, the embeddings e_i frozen.

A round is a step on one batch, or, where texts are given, an epoch over them: batches of texts in their order, padded to
the longest of each, as transformers' DataCollatorWithPadding does.
"""

import json

import torch
from transformers import AutoConfig, AutoModel

from precision import about, autocast, done, place
from rounds import serve, setting

given = setting()
device = place(given)
torch.manual_seed(0)
config = AutoConfig.for_model(**given["config"])
backbone = AutoModel.from_config(config).float().to(device).train()
for module in backbone.modules():
    if isinstance(module, torch.nn.Dropout):
        module.p = 0.0
embeddings = backbone.get_input_embeddings().weight
embeddings.requires_grad_(False)
width, vocabulary = config.hidden_size, config.vocab_size
baseline = torch.nn.Linear(width, 1, bias=False)
marginal = torch.nn.Linear(width, width, bias=False)
trained = [p for p in [*backbone.parameters(), *baseline.parameters(), *marginal.parameters()] if p.requires_grad]
optimizer = torch.optim.AdamW(trained, lr=1e-5, betas=(0.9, 0.95), eps=1e-12, weight_decay=0.02, fused=True)


def loss_of(ids, lengths, labels):
    """ids [rows, time], lengths [rows], labels [rows]: BOS and all tokens but the last are read, every token is rated."""
    rows, time = ids.shape
    places = torch.arange(time)
    mask = (places < lengths[:, None]).float()
    read = torch.cat([torch.zeros(rows, 1, dtype=torch.long), ids[:, :-1]], 1)
    with autocast(given["precision"], device):
        hidden = backbone(input_ids=read, attention_mask=mask.long(), use_cache=False).last_hidden_state
        projected = marginal(hidden)
        rewards = baseline(hidden)[..., 0] + (projected * embeddings[ids]).sum(-1)
        drawn = torch.randint(vocabulary, (rows, time))
        negatives = (projected * embeddings[drawn]).sum(-1)
    weights = (places + 1) * mask
    weights = weights / weights.sum(1, keepdim=True) / rows
    loss = (weights * (rewards.float() - labels[:, None]) ** 2).sum()
    return loss + (mask * negatives.float() ** 2).sum() / mask.sum()


if given.get("compile"):
    loss_of = torch.compile(loss_of)


def step(ids, lengths, labels):
    loss = loss_of(ids, lengths, labels)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    loss.item()
    done(device)


def random_step():
    rows, time = given["rows"], given["time"]
    ids = torch.randint(vocabulary, (rows, time))
    step(ids, torch.full((rows,), time), torch.rand(rows))


def epoch(texts, labels, rows):
    for start in range(0, len(texts), rows):
        batch = texts[start : start + rows]
        lengths = torch.tensor([len(text) for text in batch])
        ids = torch.zeros(len(batch), int(lengths.max()), dtype=torch.long)
        for row, text in enumerate(batch):
            ids[row, : len(text)] = torch.tensor(text)
        step(ids, lengths, torch.tensor(labels[start : start + rows]))


for _ in range(2):
    random_step()
if "texts" in given:
    with open(given["texts"]) as file:
        corpus = json.load(file)
    serve(lambda: epoch(corpus["texts"], corpus["labels"], given["rows"]), about(given["precision"]))
else:
    serve(random_step, about(given["precision"]))
