"""Which device computes, and that it computes the same every time."""

from __future__ import annotations

import os

import torch

from trainer.errors import InfrastructureError, UsageError


def resolve_device(name: str) -> torch.device:
    """`auto` (a GPU when there is one), `cpu`, `cuda`, or one GPU of several such as `cuda:1`.

    Raises InfrastructureError for a GPU that is not there.
    """
    kind, colon, index = name.partition(":")
    numbered = kind == "cuda" and index.isascii() and index.isdigit()
    if kind not in ("auto", "cpu", "cuda") or (colon and not numbered):
        raise UsageError(f"device {name!r} is unknown; use auto, cpu, cuda, or one GPU such as cuda:1")
    present = torch.cuda.is_available()
    if kind == "cuda" and not present:
        raise InfrastructureError(
            "device cuda was asked for but PyTorch sees no GPU; check the driver and the pod's "
            "nvidia.com/gpu limit, or use --device auto"
        )
    if index:
        count = torch.cuda.device_count()
        if int(index) >= count:
            raise InfrastructureError(
                f"device {name} was asked for but PyTorch sees {count} GPUs, counted from cuda:0; check the "
                "pod's nvidia.com/gpu limit, or use --device cuda"
            )
        return torch.device("cuda", int(index))
    return torch.device("cuda" if present and name != "cpu" else "cpu")


def every_device(name: str) -> list[str]:
    """All GPUs that `name` speaks of where there are several, else `name` alone. Raises as above."""
    count = torch.cuda.device_count() if resolve_device(name) == torch.device("cuda") else 1
    return [name] if count < 2 else [f"cuda:{index}" for index in range(count)]


def seed_everything(seed: int, device: torch.device) -> None:
    """Same seed, same device, same result. On CUDA matrix products may use TF32."""
    torch.manual_seed(seed)
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = False
