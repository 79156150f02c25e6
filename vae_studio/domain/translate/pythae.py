"""Settings of pythae (benchmark_VAE): a model config and a training config, together or alone.

Every loss there is the sum over pixels plus the KL summed over units, averaged over the batch; its
"mse" is half the squared error. The networks stand in code, not in the settings; the default is a
dense net with one hidden layer of 512 features and ReLU.
"""

from __future__ import annotations

from collections.abc import Callable

from vae_studio.domain.errors import StudioError
from vae_studio.domain.translate.draft import IWAE_SLIP, TCVAE_SLIP, Draft
from vae_studio.domain.translate.fields import Fields
from vae_studio.domain.translate.weighing import WrittenLoss

NAME = "pythae"
_MODEL_KEYS = ("reconstruction_loss", "uses_default_encoder", "input_dim")
_TRAINING_KEYS = ("per_device_train_batch_size", "num_epochs")
_HARMLESS = (
    "output_dir", "no_cuda", "steps_saving", "steps_predict", "keep_best_on_train", "world_size",
    "local_rank", "rank", "dist_backend", "master_addr", "master_port",
    "eval_dataloader_num_workers",
    "train_dataloader_num_workers", "per_device_eval_batch_size", "uses_default_encoder",
    "uses_default_decoder", "model_name", "environment", "amp",
)  # fmt: skip


def is_mine(fields: Fields) -> bool:
    """Whether these settings are of this kind."""
    return fields.has(*_MODEL_KEYS, *_TRAINING_KEYS)


def fill(draft: Draft) -> None:
    """Translate every field of ``draft.fields``."""
    fields = draft.fields
    fields.skip(*_HARMLESS)
    draft.take("train.epochs", "num_epochs")
    draft.take("train.batch_size", "per_device_train_batch_size", "batch_size")
    draft.take("train.learning_rate", "learning_rate", whole=False)
    draft.take("train.seed", "seed")
    _optimizer(draft)
    if fields.has(*_MODEL_KEYS, "latent_dim"):
        _model(draft)


def _optimizer(draft: Draft) -> None:
    fields = draft.fields
    if fields.has(*_TRAINING_KEYS) and not fields.has("scheduler_cls"):
        draft.put("train.lr_schedule", "constant")
    if fields.word("optimizer_cls", "Adam") != "Adam":
        draft.unknown.append("optimizer_cls")


def _model(draft: Draft) -> None:
    fields = draft.fields
    shape = fields.wholes("input_dim", draft.shape)
    if len(shape) != 3 or shape[1] != shape[2]:
        raise StudioError(
            f"'input_dim' must be channels and a square, such as [1, 28, 28]; it is {list(shape)}."
        )
    draft.pictures(shape[0], shape[1])
    draft.units(10)
    draft.choose("model.net", "mlp", width=512, depth=1, activation="relu")
    _reconstruction(draft)
    draft.notes.append("pythae's settings name no network; this is its default, 512 features wide.")
    names = [name for name in fields.words("name") if not name.endswith("TrainerConfig")]
    name = names[0] if names else "VAEConfig"
    if name not in _MODELS:
        known = ", ".join(_MODELS)
        raise StudioError(f"pythae's {name[:60]!r} has no counterpart here; these have: {known}.")
    _MODELS[name](draft)


def _reconstruction(draft: Draft) -> None:
    kind = draft.fields.word("reconstruction_loss", "mse")
    if kind == "bce":
        draft.written(WrittenLoss("bce"), "Their loss sums the cross-entropy over the pixels")
    elif kind == "mse":
        draft.written(
            WrittenLoss("half-mse"),
            "Their loss sums half the squared error over the pixels (old versions, all of it, "
            "which is σ = 0.707)",
        )
    else:
        raise StudioError(f"'reconstruction_loss' must be 'mse' or 'bce'; it is '{kind[:60]}'.")


def _vae(draft: Draft) -> None:
    draft.objective("beta-vae")


def _beta_vae(draft: Draft) -> None:
    draft.objective("beta-vae", draft.fields.number("beta", 10.0))


def _capacity(draft: Draft) -> None:
    """Their β is the weight γ of |R − C|, and C climbs over ``warmup_epoch`` epochs."""
    fields = draft.fields
    weight, nats = fields.number("beta", 10.0), fields.number("C", 50.0)
    draft.capacity(weight, nats)
    warmup = fields.number("warmup_epoch", 25)
    if warmup:
        draft.climb_for("capacity", min(1.0, (warmup + 1) / draft.config.train.epochs))
    draft.notes.append(
        "Their β is the weight γ of |R − C| here; they take |R − C| picture by picture, here R is "
        "the average of a batch."
    )


def _beta_tcvae(draft: Draft) -> None:
    fields = draft.fields
    draft.objective(
        "beta-tcvae", fields.number("beta", 1.0), alpha=fields.number("alpha", 1.0),
        gamma=fields.number("gamma", 1.0),
    )  # fmt: skip
    fields.skip("use_mss")
    draft.notes.append(TCVAE_SLIP)


def _factor_vae(draft: Draft) -> None:
    draft.objective("factor-vae", gamma=draft.fields.number("gamma", 2.0))


def _info_vae(draft: Draft) -> None:
    fields = draft.fields
    draft.objective(
        "info-vae", alpha=fields.number("alpha", 0.5), weight=fields.number("lbd", 3e-2)
    )


def _iwae(draft: Draft) -> None:
    draft.objective("iwae", samples=draft.fields.whole("number_samples", 10))
    if draft.fields.number("beta", 1.0) != 1.0:
        draft.unknown.append("beta")
    draft.notes.append(IWAE_SLIP)


_MODELS: dict[str, Callable[[Draft], None]] = {
    "VAEConfig": _vae,
    "BetaVAEConfig": _beta_vae,
    "DisentangledBetaVAEConfig": _capacity,
    "BetaTCVAEConfig": _beta_tcvae,
    "FactorVAEConfig": _factor_vae,
    "INFOVAE_MMD_Config": _info_vae,
    "IWAEConfig": _iwae,
}
