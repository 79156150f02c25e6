"""Settings of PyTorch-VAE (AntixK): model_params, data_params, exp_params, trainer_params.

Most losses there average the squared error over pixels and batch and multiply the KL, summed over
units, by exp_params.kld_weight (handed to the loss as M_N). With Dpix values in a picture that is a
Gaussian with σ = √(kld_weight · Dpix / 2). BetaTCVAE and DIPVAE sum the squared error and take no
kld_weight: σ = 0.707.
"""

from __future__ import annotations

from collections.abc import Callable

from vae_studio.domain.effective_beta import spelled
from vae_studio.domain.errors import StudioError
from vae_studio.domain.translate.draft import IWAE_SLIP, TCVAE_SLIP, Draft
from vae_studio.domain.translate.fields import Fields
from vae_studio.domain.translate.weighing import WrittenLoss

NAME = "PyTorch-VAE"
SIDE_PX = 64  # their networks fit no other size
TRAINING_PICTURES = 162_770  # they know CelebA only
_HARMLESS = (
    "data_path", "save_dir", "logging_params.name", "num_workers", "gpus", "val_batch_size",
    "logging_params", "max_nb_epochs", "retain_first_backpass",
)  # fmt: skip


def is_mine(fields: Fields) -> bool:
    """Whether these settings are of this kind."""
    return fields.has("kld_weight", "M_N", "model_params.name", "model_params.latent_dim")


def fill(draft: Draft) -> None:
    """Translate every field of ``draft.fields``."""
    fields = draft.fields
    side = next((n for n in ("patch_size", "img_size") if fields.has(n)), "patch_size")
    draft.pictures(fields.whole("in_channels", 3), fields.whole(side, SIDE_PX))
    if fields.has("dataset"):
        draft.dataset(fields.word("dataset"))
    draft.units(128)
    _training(draft)
    name = fields.word("model_params.name", "VanillaVAE")
    if name not in _MODELS:
        known = ", ".join(_MODELS)
        raise StudioError(
            f"PyTorch-VAE's '{name[:60]}' has no counterpart here; these have: {known}."
        )
    _MODELS[name](draft)
    _network(draft)
    draft.decay(fields.number("scheduler_gamma", 1.0))
    fields.skip(*_HARMLESS)


def _network(draft: Draft) -> None:
    widths = draft.fields.wholes("hidden_dims", (32, 64, 128, 256, 512))
    draft.choose("model.net", "conv", channels=widths[0])
    draft.notes.append(
        f"Their network halves the picture {len(widths)} times, with batch norm; ours starts with "
        f"as many channels ({widths[0]}) but is not the same one."
    )


def _training(draft: Draft) -> None:
    fields = draft.fields
    draft.take("train.epochs", "max_epochs", "max_nb_epochs", "num_epochs")
    draft.take("train.batch_size", "train_batch_size", "batch_size")
    draft.take("train.learning_rate", "LR", whole=False)
    draft.take("train.seed", "exp_params.manual_seed", "manual_seed")
    if fields.number("weight_decay", 0.0):
        draft.unknown.append("weight_decay")
    fields.skip("manual_seed")


def _kl_weight(draft: Draft) -> float:
    name = "kld_weight" if draft.fields.has("kld_weight") else "M_N"
    weight = draft.fields.number(name)
    if weight <= 0:
        raise StudioError(f"'{name}' must be above 0; it is {weight:g}.")
    return weight


def _mean_error(draft: Draft, error_weight: float = 1.0) -> float:
    """A mean squared error beside kld_weight · KL; answers kld_weight."""
    weight = _kl_weight(draft)
    times = "" if error_weight == 1.0 else f", times {error_weight:g},"
    draft.written(
        WrittenLoss("mse", error_over="mean", weight=weight / error_weight),
        f"Their loss averages the squared error over {draft.values:,} values{times} and weighs KL "
        f"by {weight:g}",
    )
    return weight


def _summed_error(draft: Draft) -> None:
    draft.fields.skip("kld_weight", "M_N")
    draft.written(
        WrittenLoss("mse"),
        "Their loss sums the squared error over the pixels and leaves kld_weight out",
    )


def _vanilla(draft: Draft) -> None:
    _mean_error(draft)
    draft.objective("beta-vae")


def _beta(draft: Draft) -> None:
    fields = draft.fields
    _mean_error(draft)
    kind = fields.word("loss_type", "B")
    beta, gamma = fields.number("beta", 4.0), fields.number("gamma", 1000.0)
    nats, steps = fields.number("max_capacity", 25.0), fields.number("Capacity_max_iter", 1e5)
    if kind == "H":
        draft.objective("beta-vae", beta)
    elif kind == "B":
        draft.capacity(gamma, nats)
        draft.climb("capacity", steps, TRAINING_PICTURES)
    else:
        raise StudioError(f"'loss_type' must be 'H' or 'B'; it is '{kind[:60]}'.")


def _beta_tcvae(draft: Draft) -> None:
    fields = draft.fields
    _summed_error(draft)
    draft.objective(
        "beta-tcvae", fields.number("beta", 6.0), alpha=fields.number("alpha", 1.0),
        gamma=fields.number("gamma", 1.0),
    )  # fmt: skip
    draft.notes.append(TCVAE_SLIP)


def _factor(draft: Draft) -> None:
    weight = _mean_error(draft)
    theirs = draft.fields.number("gamma", 40.0)
    draft.objective("factor-vae", gamma=float(f"{theirs / weight:.6g}"))
    draft.notes.append(
        f"Their γ = {theirs:g} stands beside a KL that is weighed by {weight:g}; beside a whole KL "
        f"it is {spelled(theirs / weight)}."
    )
    draft.fields.skip("submodel")


def _dip(draft: Draft) -> None:
    fields = draft.fields
    _summed_error(draft)
    draft.objective(
        "dip-vae-ii", od=fields.number("lambda_offdiag", 5.0), d=fields.number("lambda_diag", 10.0)
    )
    draft.notes.append(
        "Their DIP term centres the means over the units instead of the batch and does not divide "
        "by the batch; here it is that of the paper, with the same two weights."
    )


def _info(draft: Draft) -> None:
    """β·MSE + (1 − α)·w·KL + (α + λ − 1)·MMD, divided by w so that the KL is whole."""
    fields = draft.fields
    weight = _mean_error(draft, fields.number("beta", 5.0))
    alpha, theirs = fields.number("alpha", -0.5), fields.number("reg_weight", 100.0)
    ours = (alpha + theirs - 1.0) / weight + 1.0 - alpha
    draft.objective("info-vae", alpha=alpha, weight=float(f"{ours:.6g}"))
    draft.notes.append(
        f"Their MMD weight {theirs:g} stands beside a KL that is weighed by {weight:g}; beside a "
        f"whole KL it is {spelled(ours)}."
    )


def _iwae(draft: Draft) -> None:
    _mean_error(draft)
    draft.objective("iwae", samples=draft.fields.whole("num_samples", 5))
    draft.notes.append(IWAE_SLIP)


_MODELS: dict[str, Callable[[Draft], None]] = {
    "VanillaVAE": _vanilla,
    "BetaVAE": _beta,
    "BetaTCVAE": _beta_tcvae,
    "FactorVAE": _factor,
    "DIPVAE": _dip,
    "InfoVAE": _info,
    "IWAE": _iwae,
}
