"""How near reconstructions are to the pictures."""

from __future__ import annotations

import torch

from vae_studio.engine.batches import as_floats, as_tensor
from vae_studio.engine.measure import standard_error
from vae_studio.evaluation.reading import Reading
from vae_studio.evaluation.similarity import psnr, ssim
from vae_studio.evaluation.slices import Shares
from vae_studio.evaluation.subject import Subject

WORDS = "Comparing copies"
IMAGES = 1000
SLICE = 100


def readings(subject: Subject) -> Shares[tuple[Reading, ...]]:
    """PSNR and SSIM of test pictures and what the decoder makes of their posterior means."""
    images = subject.splits.test.slice(0, IMAGES)
    decibels, similarities = [], []
    for start in range(0, len(images), SLICE):
        part = images.slice(start, start + SLICE)
        true, shown = (
            as_floats(as_tensor(which.images_NCHW)) for which in (part, subject.copies(part))
        )
        decibels.append(psnr(shown, true))
        similarities.append(ssim(shown, true))
        yield min(1.0, (start + SLICE) / len(images))
    psnr_N, ssim_N = torch.cat(decibels), torch.cat(similarities)
    how = "posterior mean, decoded mean"
    return (
        Reading(
            "psnr", "PSNR", float(psnr_N.mean()), standard_error(psnr_N), len(images), how, "dB"
        ),
        Reading("ssim", "SSIM", float(ssim_N.mean()), standard_error(ssim_N), len(images), how),
    )
