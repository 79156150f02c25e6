"""Settings of disentangling-vae (Dubois): hyperparam.ini, the words after main.py, or specs.json.

The error is summed over the pixels and divided by the batch. "gaussian" is the squared error on
the scale 0 … 255, divided by 255: 255 · SSE, a Gaussian with σ = 1/√510 on ours. "laplace" is three
times the absolute error: b = 1/3.
"""

from __future__ import annotations

from collections.abc import Callable

from vae_studio.domain.errors import StudioError
from vae_studio.domain.translate.draft import TCVAE_SLIP, Draft
from vae_studio.domain.translate.fields import Fields
from vae_studio.domain.translate.weighing import WrittenLoss

NAME = "disentangling-vae"
_KEYS = ("rec_dist", "reg_anneal", "betaH_B", "betaB_G", "factor_G", "btcvae_B")
_HARMLESS = (
    "log_level", "no_progress_bar", "no_cuda", "checkpoint_every", "experiment", "name",
    "is_metrics", "no_test", "is_eval_only", "eval_batchsize",
)  # fmt: skip
_SHAPES = {
    "mnist": (1, 32), "fashion": (1, 32), "dsprites": (1, 64), "celeba": (3, 64), "chairs": (1, 64),
}  # fmt: skip
_TRAINING_PICTURES = {
    "mnist": 60_000, "fashion": 60_000, "dsprites": 737_280, "celeba": 202_599, "chairs": 86_366,
}  # fmt: skip
_ERRORS = {
    "bernoulli": (WrittenLoss("bce"), "Their loss sums the cross-entropy over the pixels"),
    "gaussian": (
        WrittenLoss("mse", weight=1 / 255),
        "Their loss sums the squared error of pixels from 0 to 255, divided by 255",
    ),
    "laplace": (
        WrittenLoss("l1", weight=1 / 3),
        "Their loss sums three times the absolute error over the pixels",
    ),
}


def is_mine(fields: Fields) -> bool:
    """Whether these settings are of this kind."""
    return fields.has(*_KEYS)


def fill(draft: Draft) -> None:
    """Translate every field of ``draft.fields``."""
    fields = draft.fields
    dataset = fields.word("dataset", "mnist")
    channels, side = _SHAPES.get(dataset, (1, 32))
    shape = fields.wholes("img_size", (channels, side, side))
    draft.pictures(shape[0], shape[-1])
    draft.dataset(dataset)
    draft.units(10)
    draft.choose("model.net", "conv", channels=32)
    if fields.word("model_type" if fields.has("model_type") else "model", "Burgess") != "Burgess":
        draft.unknown.append("model")
    draft.take("train.epochs", "epochs")
    draft.take("train.batch_size", "batch_size")
    draft.take("train.learning_rate", "lr", whole=False)
    draft.take("train.seed", "seed")
    draft.put("train.lr_schedule", "constant")
    _reconstruction(draft)
    _loss(draft, _TRAINING_PICTURES.get(dataset))
    draft.notes.append("Their network is Burgess's; ours is convolutional too, but not the same.")
    fields.skip(*_HARMLESS)


def _reconstruction(draft: Draft) -> None:
    kind = draft.fields.word("rec_dist", "bernoulli")
    if kind not in _ERRORS:
        known = ", ".join(_ERRORS)
        raise StudioError(f"'rec_dist' must be one of {known}; it is '{kind[:60]}'.")
    draft.written(*_ERRORS[kind])


def _loss(draft: Draft, pictures: int | None) -> None:
    name = draft.fields.word("loss", "betaB")
    if name not in _LOSSES:
        known = ", ".join(_LOSSES)
        raise StudioError(f"'loss' must be one of {known}; it is '{name[:60]}'.")
    _LOSSES[name](draft, draft.fields.number("reg_anneal", 0.0), pictures)
    draft.fields.skip(*(key for loss, keys in _OF_LOSS.items() if loss != name for key in keys))


def _vae(draft: Draft, steps: float, pictures: int | None) -> None:
    draft.objective("beta-vae")
    draft.climb("β", steps, pictures)


def _beta_h(draft: Draft, steps: float, pictures: int | None) -> None:
    draft.objective("beta-vae", draft.fields.number("betaH_B", 4.0))
    draft.climb("β", steps, pictures)


def _beta_b(draft: Draft, steps: float, pictures: int | None) -> None:
    fields = draft.fields
    draft.capacity(fields.number("betaB_G", 1000.0), fields.number("betaB_finC", 25.0))
    draft.climb("capacity", steps, pictures)
    if fields.number("betaB_initC", 0.0):
        draft.unknown.append("betaB_initC")


def _factor(draft: Draft, steps: float, pictures: int | None) -> None:
    draft.objective("factor-vae", gamma=draft.fields.number("factor_G", 6.0))
    _without_annealing(draft, steps, "the total correlation")
    if draft.fields.has("lr_disc"):
        draft.unknown.append("lr_disc")


def _btcvae(draft: Draft, steps: float, pictures: int | None) -> None:
    fields = draft.fields
    draft.objective(
        "beta-tcvae", fields.number("btcvae_B", 6.0), alpha=fields.number("btcvae_A", 1.0),
        gamma=fields.number("btcvae_G", 1.0),
    )  # fmt: skip
    draft.notes.append(TCVAE_SLIP)
    _without_annealing(draft, steps, "the KL of single units")


def _without_annealing(draft: Draft, steps: float, what: str) -> None:
    if steps:
        draft.unknown.append(f"annealing of {what} over {steps:,.0f} steps")


_LOSSES: dict[str, Callable[[Draft, float, int | None], None]] = {
    "VAE": _vae,
    "betaH": _beta_h,
    "betaB": _beta_b,
    "factor": _factor,
    "btcvae": _btcvae,
}
#: Settings that only one of the losses reads; hyperparam.ini names those of all.
_OF_LOSS = {
    "betaH": ("betaH_B",),
    "betaB": ("betaB_initC", "betaB_finC", "betaB_G"),
    "factor": ("factor_G", "lr_disc"),
    "btcvae": ("btcvae_A", "btcvae_B", "btcvae_G"),
}
assert set(_OF_LOSS) < set(_LOSSES), "every loss with settings of its own is one of the losses"
