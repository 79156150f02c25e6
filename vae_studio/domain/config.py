"""RunConfig: everything that decides a run, frozen, with the knob of every field beside it."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

from vae_studio.domain.errors import StudioError
from vae_studio.domain.knobs import Choice, Kind, Knob, Value

Options = dict[str, float | int | str | bool]


def _knob(
    label: str,
    help: str,
    *,
    low: float | None = None,
    high: float | None = None,
    **extra: Any,
) -> msgspec.Meta:
    return msgspec.Meta(extra={"label": label, "help": help, "low": low, "high": high, **extra})


class DataConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which pictures. Where they lie on this machine is not part of a run (it stays private)."""

    dataset: Annotated[str, _knob(
        "Set", "Which pictures the model learns from. A name from `vae-studio datasets`, "
        "or the path of a folder of pictures.", catalog="dataset", flag="--dataset",
    )] = "fashion-mini"  # fmt: skip
    size: Annotated[int, _knob(
        "Size", "Side of the square the pictures are resized to; 0 keeps the set's own size. "
        "More pixels mean more nats: numbers of different sizes cannot be compared.",
        low=0, high=256, unit="px", flag="--image-size", advanced=True,
    )] = 0  # fmt: skip
    validation: Annotated[int, _knob(
        "Held out", "Training pictures kept aside to watch the loss on pictures the model never "
        "learns from (at most a tenth of the set). The test set is touched only by the evaluation.",
        low=0, high=100_000, unit="pictures", flag="--validation", advanced=True,
    )] = 2_000  # fmt: skip
    augment_flip: Annotated[bool, _knob(
        "Mirror", "Show half of the training pictures mirrored left to right. Good for faces and "
        "things; digits and letters become others. Held-out and test pictures stay as they are.",
        flag="--flip", advanced=True,
    )] = False  # fmt: skip
    augment_shift: Annotated[int, _knob(
        "Shift", "Move each training picture by up to so many whole pixels, another way at every "
        "step. Small sets are remembered less; the code has to tell the place.",
        low=0, high=64, unit="px", flag="--shift", advanced=True,
    )] = 0  # fmt: skip
    augment_rotate: Annotated[float, _knob(
        "Turn", "Turn each training picture by up to this angle, another way at every step. It "
        "blurs a little, and the code has to tell the angle.",
        low=0.0, high=180.0, step=5.0, decimals=1, unit="°", flag="--rotate", advanced=True,
    )] = 0.0  # fmt: skip
    augment_noise: Annotated[float, _knob(
        "Added noise", "Standard deviation of noise added to the training pictures, of which white "
        "is 1. What cannot be predicted costs nats of reconstruction.",
        low=0.0, high=1.0, step=0.02, decimals=3, flag="--pixel-noise", advanced=True,
    )] = 0.0  # fmt: skip


class ModelConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Encoder, decoder and what the decoder's numbers mean."""

    net: Annotated[str, _knob(
        "Network", "Shape of encoder and decoder. Residual nets reach a lower loss in the same "
        "time; convolutions pay on large pictures.", catalog="network", flag="--net",
    )] = "residual-mlp"  # fmt: skip
    latent_dim: Annotated[int, _knob(
        "Units", "Dimensions of the code z. Two can be drawn as a map but cost about 40 nats on "
        "MNIST against twenty; beyond about twenty, more change nothing.",
        low=1, high=512, flag="--latent-dim",
    )] = 2  # fmt: skip
    likelihood: Annotated[str, _knob(
        "Likelihood", "What p(x|z) assumes about pixels; it decides what a nat of reconstruction "
        "means. Numbers of different likelihoods cannot be compared.",
        catalog="likelihood", flag="--likelihood",
    )] = "bernoulli-grey"  # fmt: skip
    prior: Annotated[str, _knob(
        "Prior", "What codes are assumed to look like before a picture is seen. One that is learnt "
        "lowers the loss and gives better samples; N(0, I) is simplest to draw and to explain.",
        catalog="prior", flag="--prior", advanced=True,
    )] = "normal"  # fmt: skip
    codes: Annotated[str, _knob(
        "Codes", "A VAE samples its codes, and pays for what they tell. Exact codes make it a "
        "plain autoencoder: better copies, but no rate, no bound, and holes to sample from.",
        flag="--codes", advanced=True,
        choices=(Choice("sampled", "sampled (VAE)"), Choice("exact", "exact (autoencoder)")),
    )] = "sampled"  # fmt: skip
    conditional: Annotated[bool, _knob(
        "Use labels", "Tell both nets what a picture shows, so that the code holds the rest and "
        "one code can be drawn under every label. One picture in ten is shown without its label.",
        flag="--conditional", advanced=True,
    )] = False  # fmt: skip
    options: Options = {}
    likelihood_options: Options = {}
    prior_options: Options = {}


class ObjectiveConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The loss and how its KL weight moves over the run."""

    objective: Annotated[str, _knob(
        "Objective", "The loss that is minimised.", catalog="objective", flag="--objective",
    )] = "beta-vae"  # fmt: skip
    beta: Annotated[float, _knob(
        "β", "Price of one nat of code. Above 1 the model stores less in the code and blurs; "
        "below 1 it copies better and samples worse. 1 is the ELBO.",
        low=0.0, high=1000.0, step=0.1, decimals=3, stepping="decades", flag="--beta", live=True,
    )] = 1.0  # fmt: skip
    schedule: Annotated[str, _knob(
        "Annealing", "How β moves towards its target over the run. Warm-up lets the code fill "
        "before it is charged for; the loss during warm-up is not comparable.",
        catalog="schedule", flag="--schedule", live=True,
    )] = "constant"  # fmt: skip
    warmup: Annotated[float, _knob(
        "Warm-up", "Share of the run over which β climbs (linear, cosine, sigmoid annealing).",
        low=0.0, high=1.0, step=0.05, decimals=2, unit="of the run", flag="--warmup", live=True,
    )] = 0.1  # fmt: skip
    cycles: Annotated[int, _knob(
        "Cycles", "How many times whatever is cyclical (β, capacity, noise, learning rate) starts "
        "again.",
        low=1, high=50, flag="--cycles", live=True, advanced=True,
    )] = 4  # fmt: skip
    ramp: Annotated[float, _knob(
        "Ramp", "Share of each cycle over which it climbs before it holds (cyclical).",
        low=0.0, high=1.0, step=0.05, decimals=2, unit="of a cycle", flag="--ramp", live=True,
        advanced=True,
    )] = 0.5  # fmt: skip
    schedule_points: Annotated[str, _knob(
        "Line", "β by hand: 'share of the run : factor on β' from point to point, such as "
        "'0:0, 0.2:1, 1:1' (drawn annealing).",
        polyline=True, flag="--schedule-points", live=True, advanced=True,
    )] = "0:0, 0.1:1, 1:1"  # fmt: skip
    capacity: Annotated[float, _knob(
        "Capacity", "Nats that a code may tell, and must: the rate is pulled to this number. More "
        "gives sharper copies; about 25 suits digits and simple shapes, 50 faces.",
        low=0.0, high=10_000.0, step=1.0, decimals=2, unit="nats", flag="--capacity", live=True,
    )] = 25.0  # fmt: skip
    capacity_schedule: Annotated[str, _knob(
        "Growth", "How the capacity moves towards its target: grown slowly, the code takes up one "
        "thing after another (Burgess 2018, 1804.03599).",
        catalog="schedule", flag="--capacity-schedule", live=True,
    )] = "linear"  # fmt: skip
    capacity_warmup: Annotated[float, _knob(
        "Growing for", "Share of the run over which the capacity climbs (linear, cosine, sigmoid).",
        low=0.0, high=1.0, step=0.05, decimals=2, unit="of the run", live=True, advanced=True,
    )] = 0.8  # fmt: skip
    capacity_points: Annotated[str, _knob(
        "Growth line", "The capacity by hand, as for β (drawn growth).",
        polyline=True, live=True, advanced=True,
    )] = "0:0, 0.8:1, 1:1"  # fmt: skip
    temperature: Annotated[float, _knob(
        "Noise", "Scale of the codes' noise while training: 1 is the ELBO; below it copies get "
        "sharper and samples worse, and at 0 the decoder sees an autoencoder's exact codes.",
        low=0.0, high=10.0, step=0.1, decimals=3, live=True, advanced=True,
    )] = 1.0  # fmt: skip
    temperature_schedule: Annotated[str, _knob(
        "Noise over time", "How the noise moves towards its scale, from none.",
        catalog="schedule", live=True, advanced=True,
    )] = "constant"  # fmt: skip
    temperature_warmup: Annotated[float, _knob(
        "Noise grows for", "Share of the run over which the noise climbs (linear, cosine, "
        "sigmoid).",
        low=0.0, high=1.0, step=0.05, decimals=2, unit="of the run", live=True, advanced=True,
    )] = 0.1  # fmt: skip
    temperature_points: Annotated[str, _knob(
        "Noise line", "The noise by hand, as for β (drawn).",
        polyline=True, live=True, advanced=True,
    )] = "0:0, 0.1:1, 1:1"  # fmt: skip
    auxiliary: Annotated[str, _knob(
        "On top", "A term added to what is minimised, that asks copies for what the eye minds. It "
        "is no part of reconstruction, KL or NELBO, which may get worse for it.",
        catalog="auxiliary", flag="--auxiliary", advanced=True,
    )] = "none"  # fmt: skip
    auxiliary_weight: Annotated[float, _knob(
        "Its weight", "Weight of the term on top. At 1 a poor copy of 28×28 costs tens to hundreds "
        "of nats, so 0.1 to 10 is worth trying.",
        low=0.0, high=1000.0, step=0.1, decimals=3, stepping="decades", flag="--auxiliary-weight",
        advanced=True,
    )] = 1.0  # fmt: skip
    options: Options = {}
    auxiliary_options: Options = {}


class TrainConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long, how fast, where."""

    epochs: Annotated[int, _knob(
        "Epochs", "How often every training picture is seen. The learning rate falls to zero over "
        "exactly this long, so a longer run is a different run from its first step.",
        low=1, high=100_000, flag="--epochs",
    )] = 10  # fmt: skip
    batch_size: Annotated[int, _knob(
        "Batch", "Pictures per step. Larger batches give smoother curves and fewer steps.",
        low=1, high=65_536, unit="pictures", stepping="doubling", flag="--batch-size",
    )] = 256  # fmt: skip
    learning_rate: Annotated[float, _knob(
        "Learning rate", "Size of a step of Adam. Too high and the loss jumps or units die; too "
        "low and the run ends before it has learnt.",
        low=1e-7, high=1.0, step=0.0005, decimals=7, stepping="decades", flag="--lr", live=True,
    )] = 2e-3  # fmt: skip
    lr_schedule: Annotated[str, _knob(
        "Decay", "How the learning rate moves: the cosine ends 1 to 3 nats lower than a constant "
        "rate on short runs.", catalog="schedule", flag="--lr-schedule", live=True, advanced=True,
    )] = "cosine"  # fmt: skip
    lr_points: Annotated[str, _knob(
        "Decay line", "The learning rate by hand, as for β (drawn decay).",
        polyline=True, live=True, advanced=True,
    )] = "0:1, 1:0"  # fmt: skip
    seed: Annotated[int, _knob(
        "Seed", "Decides first weights, order of pictures and noise. Same seed, machine and "
        "device: the same run to the bit. Compare settings over several seeds.",
        low=0, high=2**53, flag="--seed",
    )] = 0  # fmt: skip
    device: Annotated[str, _knob(
        "Device", "Where the arithmetic runs.", flag="--device",
        choices=(
            Choice("auto", "automatic"), Choice("cuda", "CUDA (NVIDIA)"),
            Choice("mps", "MPS (Apple)"), Choice("cpu", "CPU"),
        ),
    )] = "auto"  # fmt: skip
    precision: Annotated[str, _knob(
        "Precision", "Number format of the matrix products. Automatic times both on this machine "
        "and takes bf16 only where it is faster; weights and loss stay in fp32.",
        flag="--precision", advanced=True,
        choices=(Choice("auto", "automatic"), Choice("fp32", "fp32"), Choice("bf16", "bf16")),
    )] = "auto"  # fmt: skip


class RunConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that decides a run."""

    data: DataConfig = DataConfig()
    model: ModelConfig = ModelConfig()
    objective: ObjectiveConfig = ObjectiveConfig()
    train: TrainConfig = TrainConfig()


def knobs() -> tuple[Knob, ...]:
    """The knob of every field of RunConfig, in the order of the forms."""
    return tuple(_KNOBS.values())


def knob_at(path: str) -> Knob:
    """The knob of the field at a dotted path; raises KeyError for an unknown one."""
    return _KNOBS[path]


def value_at(config: RunConfig, path: str) -> Value:
    """The value at a dotted path ("objective.beta", "model.options.width")."""
    section, *rest = path.split(".")
    value = getattr(config, section)
    for part in rest:
        value = value[part] if isinstance(value, dict) else getattr(value, part)
    return value


def with_value(config: RunConfig, path: str, value: Value) -> RunConfig:
    """A copy with the value at ``path`` replaced; StudioError for a wrong path or value.

    The value of a field is checked against its knob; that of an option only its catalog can check.
    """
    if path in _KNOBS:
        section, field = path.split(".")
        return _replaced(config, section, field, _KNOBS[path].check(value))
    place, _, option = path.rpartition(".")
    if place in OPTION_FIELDS.values() and option:
        section, field = place.split(".")
        options = getattr(getattr(config, section), field)
        return _replaced(config, section, field, {**options, option: value})
    raise StudioError(f"There is no setting named '{path}'.")


def without_options(config: RunConfig, place: str) -> RunConfig:
    """A copy with no options set at ``place`` ("model.options"): all have their defaults."""
    if place not in OPTION_FIELDS.values():
        raise StudioError(f"There are no options named '{place}'.")
    section, field = place.split(".")
    return _replaced(config, section, field, {})


def _replaced(config: RunConfig, section: str, field: str, value: Any) -> RunConfig:
    part = msgspec.structs.replace(getattr(config, section), **{field: value})
    return msgspec.structs.replace(config, **{section: part})


def to_dict(config: RunConfig) -> dict[str, Any]:
    """Plain dicts, ready for JSON."""
    return msgspec.to_builtins(config)


def from_dict(fields: dict[str, Any]) -> RunConfig:
    """The config that ``to_dict`` wrote; raises StudioError naming the field that is wrong."""
    try:
        config = msgspec.convert(fields, RunConfig)
    except msgspec.ValidationError as wrong:
        raise _unreadable(str(wrong)) from None
    for path, knob in _KNOBS.items():
        knob.check(value_at(config, path))
    return config


def _unreadable(complaint: str) -> StudioError:
    """msgspec's "Expected `int`, got `str` - at `$.train.epochs`" as a sentence of ours."""
    what, _, place = complaint.replace("`", "").partition(" - at $.")
    which = f"The setting '{place}'" if place else "The settings"
    return StudioError(f"{which} cannot be read: {what[:1].lower()}{what[1:]}.")


def _build_knobs() -> dict[str, Knob]:
    found = {}
    for section in msgspec.structs.fields(RunConfig):
        hints: Any = msgspec.inspect.type_info(section.type)
        for field in hints.fields:
            if isinstance(field.type, msgspec.inspect.Metadata):
                path = f"{section.name}.{field.name}"
                extra = dict(field.type.extra or {})
                kind = _kind_of(field.type.type, extra)
                found[path] = Knob(
                    path=path, kind=kind, default=field.default, panel=section.name, **extra
                )
    return found


def _kind_of(type_info: msgspec.inspect.Type, extra: dict[str, Any]) -> Kind:
    if extra.get("choices") or extra.get("catalog"):
        return "choice"
    if extra.pop("polyline", False):
        return "polyline"
    kinds: dict[type, Kind] = {
        msgspec.inspect.IntType: "int", msgspec.inspect.FloatType: "float",
        msgspec.inspect.BoolType: "flag", msgspec.inspect.StrType: "text",
    }  # fmt: skip
    return kinds[type(type_info)]


_KNOBS = _build_knobs()

#: Which field holds the options of the catalog entry chosen by which knob.
OPTION_FIELDS = {
    "model.net": "model.options",
    "model.likelihood": "model.likelihood_options",
    "model.prior": "model.prior_options",
    "objective.objective": "objective.options",
    "objective.auxiliary": "objective.auxiliary_options",
}
