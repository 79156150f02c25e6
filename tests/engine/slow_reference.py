"""The objectives again, straight from their formulas: scalars and loops, nothing shared with the
engine, in float64. ``Slow`` reads the weights of a toy, so that autograd can follow the loops too.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
import torch
from torch import Tensor

Number = Tensor
Answer = dict[str, Number]


class Slow:
    """What a linear toy does to pictures, number by number. ``noise`` is (K, B, D), the second
    noise the draws from the prior.
    """

    def __init__(self, toy: torch.nn.Module, x_BCHW: Tensor, noise: Tensor, prior: Tensor) -> None:
        self.x = x_BCHW.flatten(1)
        self.images, self.units = len(x_BCHW), noise.shape[2]
        self.noise, self.prior_noise = noise, prior
        self.w, self.b = toy.encoder[1].weight, toy.encoder[1].bias
        self.v, self.c = toy.decoder[0].weight, toy.decoder[0].bias
        self.shift = None if toy.prior.is_standard else toy.prior
        self.exact = toy.exact

    def head(self, i: int, row: int) -> Number:
        return sum(self.w[row, p] * self.x[i, p] for p in range(self.x.shape[1])) + self.b[row]

    def mean(self, i: int, d: int) -> Number:
        return self.head(i, d)

    def variance(self, i: int, d: int) -> Number:
        return torch.exp(self.head(i, self.units + d))

    def z(self, i: int, d: int, k: int = 0) -> Number:
        if self.exact:
            return self.mean(i, d)
        return self.mean(i, d) + torch.sqrt(self.variance(i, d)) * self.noise[k, i, d]

    def nll(self, i: int, code: list[Number]) -> Number:
        total = torch.zeros(())
        for p in range(self.x.shape[1]):
            logit = sum(self.v[p, d] * code[d] for d in range(self.units)) + self.c[p]
            chance = 1 / (1 + torch.exp(-logit))
            total = total - self.x[i, p] * torch.log(chance)
            total = total - (1 - self.x[i, p]) * torch.log(1 - chance)
        return total

    def code(self, i: int, k: int = 0) -> list[Number]:
        return [self.z(i, d, k) for d in range(self.units)]

    def log_p(self, code: list[Number]) -> Number:
        if self.shift is None:
            return sum(log_normal(value, 0.0, torch.ones(())) for value in code)
        spread = torch.exp(2 * self.shift.log_sigma_D)
        return sum(log_normal(v, self.shift.mean_D[d], spread[d]) for d, v in enumerate(code))

    def log_q(self, code: list[Number], i: int) -> Number:
        return sum(log_normal(v, self.mean(i, d), self.variance(i, d)) for d, v in enumerate(code))

    def kl_unit(self, i: int, d: int) -> Number:
        variance = self.variance(i, d)
        return (self.mean(i, d) ** 2 + variance - torch.log(variance) - 1) / 2

    def kl(self, i: int, k: int = 0) -> Number:
        if self.exact:
            return torch.zeros(())
        if self.shift is not None:
            return self.log_q(self.code(i, k), i) - self.log_p(self.code(i, k))
        return sum(self.kl_unit(i, d) for d in range(self.units))

    def over_batch(self, value: Callable[[int], Number]) -> Number:
        return sum(value(i) for i in range(self.images)) / self.images

    def distortion(self) -> Number:
        return self.over_batch(lambda i: self.nll(i, self.code(i)))

    def rate(self) -> Number:
        return self.over_batch(self.kl)


def log_normal(value: Number, mean: Number | float, variance: Number) -> Number:
    return -((value - mean) ** 2) / (2 * variance) - torch.log(2 * math.pi * variance) / 2


def beta_vae(slow: Slow, options: Mapping, at) -> Answer:  # type: ignore[no-untyped-def]
    return {"loss": slow.distortion() + at.beta * slow.rate()}


def elbo(slow: Slow, options: Mapping, at) -> Answer:  # type: ignore[no-untyped-def]
    return {"loss": slow.distortion() + slow.rate()}


def capacity(slow: Slow, options: Mapping, at) -> Answer:  # type: ignore[no-untyped-def]
    off = torch.abs(slow.rate() - at.capacity)
    return {"loss": slow.distortion() + options["gamma"] * off}


def mss_weight(i: int, j: int, batch: int, images: int) -> float:
    """SCIENCE 3.1.4 in words: own picture 1/N, one other (N − M)/(N M), the rest 1/M."""
    others = batch - 1
    if j == i:
        return 1 / images
    if j == (i + 1) % batch:
        return (images - others) / (images * others)
    return 1 / others


def beta_tcvae(slow: Slow, options: Mapping, at) -> Answer:  # type: ignore[no-untyped-def]
    batch, units = slow.images, slow.units
    mi = tc = own = torch.zeros(())
    for i in range(batch):
        joint, product = torch.zeros(()), torch.zeros(())
        for j in range(batch):
            weight = mss_weight(i, j, batch, at.images)
            joint = joint + weight * torch.exp(slow.log_q(slow.code(i), j))
        for d in range(units):
            density = torch.zeros(())
            for j in range(batch):
                weight = mss_weight(i, j, batch, at.images)
                each = log_normal(slow.z(i, d), slow.mean(j, d), slow.variance(j, d))
                density = density + weight * torch.exp(each)
            product = product + torch.log(density)
        mi = mi + slow.log_q(slow.code(i), i) - torch.log(joint)
        tc = tc + torch.log(joint) - product
        own = own + product - slow.log_p(slow.code(i))
    mi, tc, own = mi / batch, tc / batch, own / batch
    loss = slow.distortion() + options["alpha"] * mi + at.beta * tc + options["gamma"] * own
    return {"loss": loss, "MI": mi, "TC": tc, "dimension KL": own}


def factor_vae(slow: Slow, options: Mapping, at, objective) -> Answer:  # type: ignore[no-untyped-def]
    layers = [layer for layer in objective.discriminator if hasattr(layer, "weight")]
    total = torch.zeros(())
    for i in range(slow.images):
        values = slow.code(i)
        for number, layer in enumerate(layers):
            values = [
                sum(layer.weight[o, n] * v for n, v in enumerate(values)) + layer.bias[o]
                for o in range(len(layer.bias))
            ]
            if number < len(layers) - 1:
                values = [v if v > 0 else 0.2 * v for v in values]
        total = total + values[0]
    tc = total / slow.images
    loss = slow.distortion() + at.beta * slow.rate() + options["gamma"] * tc
    return {"loss": loss, "TC": tc}


def _dip(slow: Slow, options: Mapping, at, noise: float) -> Answer:  # type: ignore[no-untyped-def]
    off = diagonal = torch.zeros(())
    centre = [slow.over_batch(lambda i, d=d: slow.mean(i, d)) for d in range(slow.units)]
    for d in range(slow.units):
        for e in range(slow.units):
            c = slow.over_batch(
                lambda i, d=d, e=e: (slow.mean(i, d) - centre[d]) * (slow.mean(i, e) - centre[e])
            )
            if d == e:
                c = c + noise * slow.over_batch(lambda i, d=d: slow.variance(i, d))
                diagonal = diagonal + (c - 1) ** 2
            else:
                off = off + c**2
    loss = slow.distortion() + at.beta * slow.rate()
    loss = loss + options["od"] * off + options["d"] * diagonal
    return {"loss": loss, "off-diagonal": off, "diagonal": diagonal}


def dip_vae_i(slow: Slow, options: Mapping, at) -> Answer:  # type: ignore[no-untyped-def]
    return _dip(slow, options, at, noise=0.0)


def dip_vae_ii(slow: Slow, options: Mapping, at) -> Answer:  # type: ignore[no-untyped-def]
    return _dip(slow, options, at, noise=0.0 if slow.exact else 1.0)


def kernel(left: list[Number], right: list[Number], name: str) -> Number:
    squared = sum((a - b) ** 2 for a, b in zip(left, right, strict=True))
    if name == "rbf":
        return torch.exp(-squared / (2 * len(left)))
    scales = (0.1, 0.2, 0.5, 1, 2, 5, 10)
    return sum(2 * len(left) * s / (2 * len(left) * s + squared) for s in scales)


def info_vae(slow: Slow, options: Mapping, at) -> Answer:  # type: ignore[no-untyped-def]
    batch, name = slow.images, options["kernel"]
    codes = [slow.code(i) for i in range(batch)]
    drawn = [list(row) for row in slow.prior_noise]
    if slow.shift is not None:
        spread = torch.exp(slow.shift.log_sigma_D)
        drawn = [[slow.shift.mean_D[d] + spread[d] * v for d, v in enumerate(row)] for row in drawn]
    mmd = torch.zeros(())
    for i in range(batch):
        for j in range(batch):
            mmd = mmd - 2 * kernel(codes[i], drawn[j], name) / batch**2
            if i != j:
                pair = kernel(codes[i], codes[j], name) + kernel(drawn[i], drawn[j], name)
                mmd = mmd + pair / (batch * (batch - 1))
    alpha, weight = options["alpha"], options["weight"]
    loss = slow.distortion() + (1 - alpha) * slow.rate() + (alpha + weight - 1) * mmd
    return {"loss": loss, "MMD": mmd}


def log_weight(slow: Slow, i: int, k: int) -> Number:
    code = slow.code(i, k)
    return -slow.nll(i, code) + slow.log_p(code) - slow.log_q(code, i)


def iwae(slow: Slow, options: Mapping, at) -> Answer:  # type: ignore[no-untyped-def]
    samples = range(options["samples"])

    def bound(i: int) -> Number:
        weights = [torch.exp(log_weight(slow, i, k)) for k in samples]
        return -torch.log(sum(weights) / len(weights))

    def mean(value: Callable[[int, int], Number]) -> Number:
        return slow.over_batch(lambda i: sum(value(i, k) for k in samples) / len(samples))

    loss = slow.over_batch(bound)
    return {
        "loss": loss, "IWAE bound": loss, "rate": mean(slow.kl),
        "distortion": mean(lambda i, k: slow.nll(i, slow.code(i, k))),
    }  # fmt: skip


def free_bits(slow: Slow, options: Mapping, at) -> Answer:  # type: ignore[no-untyped-def]
    charged = torch.zeros(())
    for d in range(slow.units):
        average = slow.over_batch(lambda i, d=d: slow.kl_unit(i, d))
        charged = charged + (average if average > options["nats"] else options["nats"])
    return {"loss": slow.distortion() + at.beta * charged, "charged KL": charged}


def control_vae(slow: Slow, options: Mapping, at, objective) -> Answer:  # type: ignore[no-untyped-def]
    kl, integral = (float(value) for value in objective.state().values())
    beta = options["kp"] / (1 + math.exp(options["target"] - kl)) + integral
    beta = min(max(beta, options["lowest"]), options["highest"])
    return {
        "loss": slow.distortion() + beta * slow.rate(),
        "controlled β": torch.tensor(beta),
    }


class Normalised(Slow):
    """A toy whose means are normalised over the batch."""

    gain = 0.5

    def mean(self, i: int, d: int) -> Number:
        column = [self.head(j, d) for j in range(self.images)]
        centre = sum(column) / len(column)
        variance = sum((value - centre) ** 2 for value in column) / len(column)
        return self.gain * (column[i] - centre) / torch.sqrt(variance + 1e-8)


REFERENCES: dict[str, Callable[..., Answer]] = {
    "beta-vae": beta_vae, "elbo": elbo, "capacity": capacity, "beta-tcvae": beta_tcvae,
    "factor-vae": factor_vae, "dip-vae-i": dip_vae_i, "dip-vae-ii": dip_vae_ii,
    "info-vae": info_vae, "iwae": iwae, "free-bits": free_bits, "control-vae": control_vae,
    "bn-vae": beta_vae,
}  # fmt: skip


# -- estimators of MI and TC, right and wrong, on whole arrays (numpy, float64) -------------------


def log_q_of_all(mean: np.ndarray, variance: np.ndarray, z: np.ndarray) -> np.ndarray:
    """log q(z_id|x_j) as (i, j, d)."""
    squared = (z[:, None] - mean[None]) ** 2 / variance[None]
    return -(squared + np.log(2 * np.pi * variance)[None]) / 2


def logsumexp(values: np.ndarray, axis: int) -> np.ndarray:
    top = values.max(axis=axis, keepdims=True)
    return np.log(np.exp(values - top).sum(axis=axis)) + top.squeeze(axis)


def stratified(batch: int, images: int) -> np.ndarray:
    return np.array([[mss_weight(i, j, batch, images) for j in range(batch)] for i in range(batch)])


def striding_b(batch: int, images: int) -> np.ndarray:
    """The public code: a stride of B through a B×B matrix writes columns, not the diagonal."""
    others = batch - 1
    flat = np.full(batch * batch, 1 / others)
    flat[::batch] = 1 / images
    flat[1::batch] = (images - others) / (images * others)
    flat[others * batch] = (images - others) / (images * others)
    return flat.reshape(batch, batch)


def mi_and_tc(
    mean: np.ndarray, variance: np.ndarray, z: np.ndarray, weights: np.ndarray,
    *, per_dimension: bool = False,
) -> tuple[float, float]:  # fmt: skip
    """MI and TC of one batch with these weights; ``per_dimension`` repeats the public bug of adding
    the log weight to every dimension before they are summed."""
    each = log_q_of_all(mean, variance, z)
    logs = np.log(weights)[:, :, None]
    if per_dimension:
        joint = logsumexp((each + logs).sum(2), 1)
    else:
        joint = logsumexp(each.sum(2) + logs[:, :, 0], 1)
    product = logsumexp(each + logs, 1).sum(1)
    own = each[np.arange(len(z)), np.arange(len(z))].sum(1)
    return float((own - joint).mean()), float((joint - product).mean())
