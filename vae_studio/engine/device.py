"""Which device and number format a run uses, decided once and written into the run."""

from __future__ import annotations

from collections.abc import Callable

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


def choose_precision(wish: str, device: torch.device, trial: Callable[[str], float]) -> str:
    """ "fp32" or "bf16". ``trial(precision)`` answers the seconds of one throw-away step.

    "auto" takes bf16 on CUDA cards that have it, and on a CPU only when a few trial steps show
    that it is faster there; MPS stays at fp32.
    """
    if wish != "auto":
        return wish
    if device.type == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "fp32"
    if device.type != "cpu" or not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return "fp32"
    faster = best_of(trial, "fp32") / best_of(trial, "bf16")
    return "bf16" if faster >= BF16_MUST_WIN else "fp32"


def best_of(trial: Callable[[str], float], precision: str) -> float:
    """The best of four trials after two warm ones: the first steps pay for set-up."""
    for _ in range(2):
        trial(precision)
    return min(trial(precision) for _ in range(4))


def autocast(device: torch.device, precision: str) -> torch.autocast:
    """The context in which the networks run; the loss is always taken in fp32."""
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=precision == "bf16")
