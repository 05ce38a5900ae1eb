"""The precisions that a user of PyTorch has on a CPU."""

import contextlib

import torch


def autocast(precision):
    """Matrix products in bfloat16 with float32 parameters, as in training; nothing for float32."""
    if precision == "bfloat16":
        return torch.autocast("cpu", dtype=torch.bfloat16)
    return contextlib.nullcontext()


def dtype(precision):
    return {"float32": torch.float32, "bfloat16": torch.bfloat16}[precision]


def about(precision):
    return {"torch": torch.__version__, "precision": precision, "threads": torch.get_num_threads()}
