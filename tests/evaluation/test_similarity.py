"""PSNR and SSIM against slow versions written from the paper's formula."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vae_studio.evaluation.similarity import psnr, ssim


def pictures(*shape: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(*shape, generator=generator)
    return x, (x + 0.2 * torch.randn(*shape, generator=generator)).clamp(0, 1)


def slow_ssim(x: np.ndarray, y: np.ndarray, *, window: int = 11, sample: bool = False) -> float:
    """One channel, window by window, moment by moment."""
    at = np.arange(window) - (window - 1) / 2
    kernel = np.exp(-0.5 * (at[:, None] ** 2 + at[None, :] ** 2) / 1.5**2)
    kernel /= kernel.sum()
    values = []
    for row in range(x.shape[0] - window + 1):
        for column in range(x.shape[1] - window + 1):
            a = x[row : row + window, column : column + window]
            b = y[row : row + window, column : column + window]
            mean_a, mean_b = (kernel * a).sum(), (kernel * b).sum()
            var_a, var_b = (kernel * (a - mean_a) ** 2).sum(), (kernel * (b - mean_b) ** 2).sum()
            both = (kernel * (a - mean_a) * (b - mean_b)).sum()
            if sample:
                var_a, var_b, both = (v * 121 / 120 for v in (var_a, var_b, both))
            values.append(
                (2 * mean_a * mean_b + 1e-4) * (2 * both + 9e-4)
                / ((mean_a**2 + mean_b**2 + 1e-4) * (var_a + var_b + 9e-4))
            )  # fmt: skip
    return float(np.mean(values))


@pytest.mark.parametrize(("shape", "window"), [((2, 3, 17, 14), 11), ((2, 1, 8, 9), 8)])
def test_that_ssim_is_the_formula(shape: tuple[int, ...], window: int) -> None:
    x, y = pictures(*shape)
    wanted = [
        np.mean([slow_ssim(a.double().numpy(), b.double().numpy(), window=window)
                 for a, b in zip(one, other, strict=True)])
        for one, other in zip(x, y, strict=True)
    ]  # fmt: skip
    assert ssim(x, y).tolist() == pytest.approx(wanted, abs=1e-9)


def test_that_another_definition_of_variance_would_be_seen() -> None:
    x, y = pictures(1, 1, 16, 16)
    one, other = x[0, 0].double().numpy(), y[0, 0].double().numpy()
    assert abs(slow_ssim(one, other, sample=True) - ssim(x, y).item()) > 1e-5


def test_that_equal_pictures_are_one_and_their_negatives_below_zero() -> None:
    x, _ = pictures(3, 1, 20, 20)
    assert ssim(x, x).tolist() == pytest.approx([1.0] * 3)
    assert (ssim(x, 1 - x) < 0).all()


def test_that_psnr_is_decibels_of_the_mean_squared_error_of_each_picture() -> None:
    x = torch.zeros(2, 1, 4, 4)
    y = torch.stack([torch.full((1, 4, 4), 0.1), torch.full((1, 4, 4), 0.01)])
    assert psnr(x, y).tolist() == pytest.approx([20.0, 40.0], abs=1e-5)
    assert psnr(x, x).tolist() == [100.0, 100.0]
    together = -10 * math.log10(((x - y) ** 2).mean().item())
    assert abs(together - psnr(x, y).mean().item()) > 5  # the mean is over pictures, not pixels
