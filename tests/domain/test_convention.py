"""What a likelihood number means stands beside it."""

from __future__ import annotations

import math

import pytest

from vae_studio.domain.convention import Convention


def test_that_a_code_length_reads_as_bits_per_value() -> None:
    convention = Convention("256 levels, logistic", (3, 4, 5), discrete=True)
    nats = 60 * 8 * math.log(2)  # what the file itself takes
    assert convention.bits_per_value(nats) == pytest.approx(8.0)
    said = convention.sentence(nats - 10.0, 10.0)
    assert said == "NELBO 332.71 = D 322.71 + R 10.00 (8.000 bits per value)"


def test_that_a_density_does_not_pretend_to_be_a_code_length() -> None:
    said = Convention("Gaussian σ=0.1", (1, 28, 28)).sentence(-500.0, 20.0)
    assert said == "NELBO -480.00 = D -500.00 + R 20.00"


def test_that_a_caveat_of_the_pictures_stands_on_every_number() -> None:
    for bound in (True, False):
        stamped = Convention("grey-BCE", (1, 28, 28), bound=bound, caveat="not the official file")
        assert str(stamped).endswith("nats per image · not the official file")
