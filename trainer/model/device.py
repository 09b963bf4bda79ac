"""Which device computes, and that it computes the same every time."""

from __future__ import annotations

import os

import torch

from trainer.errors import InfrastructureError, UsageError


def resolve_device(name: str) -> torch.device:
    """`auto` (a GPU when there is one), `cpu` or `cuda`. Raises InfrastructureError for cuda without one."""
    if name not in ("auto", "cpu", "cuda"):
        raise UsageError(f"device {name!r} is unknown; use auto, cpu or cuda")
    present = torch.cuda.is_available()
    if name == "cuda" and not present:
        raise InfrastructureError(
            "device cuda was asked for but PyTorch sees no GPU; check the driver and the pod's "
            "nvidia.com/gpu limit, or use --device auto"
        )
    return torch.device("cuda" if present and name != "cpu" else "cpu")


def seed_everything(seed: int, device: torch.device) -> None:
    """Same seed, same device, same result. On CUDA matrix products may use TF32."""
    torch.manual_seed(seed)
    if device.type == "cuda":
        os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        torch.backends.cuda.matmul.allow_tf32 = True
        torch.backends.cudnn.allow_tf32 = True
        torch.backends.cudnn.benchmark = False
