"""However a loss is summed and averaged: the price of a nat is what counts."""

from __future__ import annotations

import math

import pytest

from vae_studio.domain.translate.weighing import WrittenLoss, weigh

DIGIT = {"values": 784, "units": 20, "batch": 128}
BETAS = [
    (WrittenLoss("bce"), 1.0),
    (WrittenLoss("bce", error_over="mean"), 784.0),
    (WrittenLoss("bce", error_over="mean", kl_over="mean"), 784 / 20),
    (WrittenLoss("bce", kl_over="batch-sum"), 128.0),
    (WrittenLoss("bce", error_over="batch-sum", kl_over="batch-sum"), 1.0),
]
SIGMAS = [
    (WrittenLoss("mse"), 0.707),
    (WrittenLoss("half-mse"), 1.0),
    (WrittenLoss("mse", error_over="mean"), 19.8),
    (WrittenLoss("mse", error_over="mean", weight=0.1), math.sqrt(0.1 * 784 / 2)),
    (WrittenLoss("l1"), 1.0),
]


@pytest.mark.parametrize(("loss", "beta"), BETAS)
def test_that_sums_and_means_of_a_cross_entropy_come_to_a_beta(
    loss: WrittenLoss, beta: float
) -> None:
    assert weigh(loss, **DIGIT).beta == pytest.approx(beta)


@pytest.mark.parametrize(("loss", "scale"), SIGMAS)
def test_that_sums_and_means_of_an_error_come_to_a_scale(loss: WrittenLoss, scale: float) -> None:
    found = weigh(loss, **DIGIT)
    assert (found.beta, found.scale) == (1.0, pytest.approx(scale, rel=1e-3))


def written_price(loss: WrittenLoss) -> float:
    """What a nat costs in units of the summed error, read off the loss as it is written."""
    error = {"sum": 1.0, "mean": 1 / 784, "batch-sum": 128.0}[loss.error_over]
    rate = {"sum": 1.0, "mean": 1 / 20, "batch-sum": 128.0}[loss.kl_over]
    return loss.weight * rate / (error * (0.5 if loss.error == "half-mse" else 1.0))


def our_price(loss: WrittenLoss) -> float:
    """The same, read off our likelihood."""
    found = weigh(loss, **DIGIT)
    by_error = {"bce": 1.0, "l1": 1 / found.scale}.get(loss.error, 1 / (2 * found.scale**2))
    return found.beta / by_error


@pytest.mark.parametrize("error", ["bce", "mse", "half-mse", "l1"])
@pytest.mark.parametrize("over", ["sum", "mean", "batch-sum"])
@pytest.mark.parametrize("kl_over", ["sum", "mean", "batch-sum"])
def test_that_the_loss_found_is_the_written_one_up_to_a_factor(
    error: str, over: str, kl_over: str
) -> None:
    loss = WrittenLoss(error, over, kl_over, weight=0.3)  # type: ignore[arg-type]
    assert our_price(loss) == pytest.approx(written_price(loss))


def test_that_a_mean_taken_for_a_sum_would_be_seen() -> None:
    mean, as_sum = WrittenLoss("mse", error_over="mean"), WrittenLoss("mse")
    assert our_price(as_sum) != pytest.approx(written_price(mean))
