"""Which device and number format a run uses, decided once and written into the run."""

from __future__ import annotations

import functools
import statistics
import time

import torch

from vae_studio.domain.errors import StudioError

#: bf16 must win by this factor to be chosen: its rounding is not worth a tie. Some CPUs that list
#: AVX512-BF16 multiply bf16 at half the speed of fp32, so the flag alone says nothing.
BF16_MUST_WIN = 1.15


def usable_devices() -> tuple[str, ...]:
    """The devices this machine can train on, best first ("cuda", "mps", "cpu")."""
    found = []
    if torch.cuda.is_available():
        found.append("cuda")
    if torch.backends.mps.is_available():
        found.append("mps")
    return (*found, "cpu")


def choose_device(wish: str) -> torch.device:
    """The torch device for a knob value ("auto", "cuda", "mps", "cpu")."""
    usable = usable_devices()
    name = usable[0] if wish == "auto" else wish
    if name not in usable:
        raise StudioError(
            f"--device {wish} is not usable on this machine; usable: {', '.join(usable)}."
        )
    return torch.device(name)


def choose_precision(wish: str, device: torch.device) -> str:
    """ "fp32" or "bf16" for a knob value ("auto", "fp32", "bf16").

    "auto" takes bf16 on CUDA cards that have it, and on a CPU only where its matrix products are
    measured to be faster; MPS stays at fp32.
    """
    if wish != "auto":
        return wish
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if device.type != "cpu" or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return "fp32"
    return "bf16" if bf16_gain() >= BF16_MUST_WIN else "fp32"


@functools.cache
def bf16_gain() -> float:
    """How many times faster this CPU multiplies in bf16 than in fp32: the median of 9 pairs.

    Each pair is timed back to back, so that a busy machine slows both sides alike.
    """
    fp32 = torch.ones(256, 512), torch.ones(512, 512)
    bf16 = fp32[0].bfloat16(), fp32[1].bfloat16()
    ratios = [_seconds(*fp32) / _seconds(*bf16) for _ in range(11)]
    return statistics.median(ratios[2:])  # the first two pairs pay for set-up


def _seconds(left: torch.Tensor, right: torch.Tensor) -> float:
    start = time.perf_counter()
    for _ in range(4):
        left @ right
    return time.perf_counter() - start


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """The context in which the networks run; the loss is always taken in fp32."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")
