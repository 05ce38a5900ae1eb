"""The precisions and devices that a user of PyTorch has."""

import contextlib

import torch


def place(given):
    """Where to compute: what is told, or where there is a choice a GPU. Says in one sentence that there is none."""
    wanted = given.get("device", "cpu")
    if wanted == "auto":
        wanted = "cuda" if torch.cuda.is_available() else "cpu"
    if wanted == "cuda" and not torch.cuda.is_available():
        raise SystemExit("PyTorch sees no CUDA device")
    if wanted == "cpu" and "threads" in given:
        torch.set_num_threads(given["threads"])
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = given["precision"] == "tf32"
    torch.set_default_device(wanted)
    return torch.device(wanted)


def autocast(precision, device="cpu"):
    """Matrix products in 16 bits with float32 parameters, as in training; nothing for float32."""
    if precision in ("float32", "tf32"):
        return contextlib.nullcontext()
    # a loss in float16 would need scaling, and bfloat16 is as fast
    return torch.autocast(torch.device(device).type, dtype=torch.bfloat16)


def dtype(precision):
    return {"bfloat16": torch.bfloat16, "float16": torch.float16}.get(precision, torch.float32)


def about(precision):
    found = {"torch": torch.__version__, "precision": precision, "threads": torch.get_num_threads()}
    if torch.cuda.is_available():
        found["card"] = torch.cuda.get_device_name()
        found["peak_bytes"] = torch.cuda.max_memory_allocated()
    return found


def done(device):
    """Waits for what was asked of the GPU."""
    if torch.device(device).type == "cuda":
        torch.cuda.synchronize()
