"""Settings of other people's code mean here what they mean there."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping

import pytest

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.errors import StudioError
from vae_studio.domain.translate.reading import LIMIT_BYTES, read
from vae_studio.domain.translate.translation import Translation, translate
from vae_studio.engine import catalog

COLOUR = """\
model_params:
  name: 'VanillaVAE'
  in_channels: 3
  latent_dim: 128
data_params:
  data_path: "Data/"
  train_batch_size: 64
  val_batch_size:  64
  patch_size: 64
  num_workers: 4
exp_params:
  LR: 0.005
  weight_decay: 0.0
  scheduler_gamma: 0.95
  kld_weight: 0.00025
  manual_seed: 1265
trainer_params:
  gpus: [1]
  max_epochs: 100
logging_params:
  save_dir: "logs/"
  name: "VanillaVAE"
"""
PYTHAE = {
    "model_config": {
        "name": "BetaVAEConfig", "input_dim": [1, 28, 28], "latent_dim": 16,
        "reconstruction_loss": "bce", "beta": 2.0,
    },
    "training_config": {
        "name": "BaseTrainerConfig", "output_dir": "out", "num_epochs": 20,
        "learning_rate": 1e-3, "per_device_train_batch_size": 100, "seed": 8,
    },
}  # fmt: skip
INI = """\
# defaults
[Custom]
    seed = 1234
    epochs = 10
    batch_size = 64
    lr = 5e-4
    dataset = 'mnist'
    experiment = 'custom'
    model = 'Burgess'
    loss = "betaH"
    latent_dim = 10
    rec_dist = "bernoulli"
    reg_anneal = 938
    betaH_B = 4
    betaB_finC = 25
    btcvae_B = 6
[Common_celeba]
    dataset = 'celeba'
    epochs = ${Custom:epochs}
[Common_VAE]
    loss = "VAE"
"""


def translated(recipe: str | Mapping[str, object], base: RunConfig | None = None) -> Translation:
    """By the catalogs as they are."""
    text = recipe if isinstance(recipe, str) else json.dumps(recipe)
    return translate(text, catalog, base)


def pytorch_vae(name: str, weight: float = 0.00025, **model: object) -> dict[str, object]:
    """A recipe of PyTorch-VAE for 64 × 64 colour pictures in batches of 64."""
    return {
        "model_params": {"name": name, "in_channels": 3, "latent_dim": 128, **model},
        "data_params": {"patch_size": 64, "train_batch_size": 64},
        "exp_params": {"kld_weight": weight, "LR": 0.005},
        "trainer_params": {"max_epochs": 10},
    }


def sigma(found: Translation) -> float:
    return float(found.config.model.likelihood_options["sigma"])


# -- the rows of the table of reductions that recipes spell ------------------------------------


def test_that_the_configs_of_pytorch_vae_have_a_sigma_of_1_24() -> None:
    found = translated(COLOUR)
    assert sigma(found) == pytest.approx(1.24, abs=0.005)
    assert found.beta.sentence == "Your loss equals β = 1.54 at unit variance."
    assert (
        "Their loss averages the squared error over 12,288 values and weighs KL by 0.00025: that "
        "is a Gaussian with σ = 1.24."
    ) in found.notes


def test_that_the_best_sigma_of_a_tenth_needs_a_far_smaller_weight() -> None:
    assert sigma(translated(pytorch_vae("VanillaVAE", 1.6e-6))) == pytest.approx(0.1, abs=0.001)


def test_that_their_beta_of_ten_is_a_sigma_of_3_9() -> None:
    found = translated(pytorch_vae("BetaVAE", loss_type="H", beta=10))
    assert found.config.objective.beta == 10.0
    assert "ELBO of a Gaussian with σ = 3.92" in found.beta.reason


def test_that_fixed_sigma_and_beta_are_one_number_for_the_training() -> None:
    there = translated(pytorch_vae("VanillaVAE", 0.0025)).beta.value
    assert translated(pytorch_vae("BetaVAE", loss_type="H", beta=10)).beta.value == pytest.approx(
        there, rel=1e-5
    )


# -- PyTorch-VAE -------------------------------------------------------------------------------


def test_that_every_field_of_a_pytorch_vae_config_lands_in_its_place() -> None:
    found = translated(COLOUR)
    config = found.config
    assert found.style == "PyTorch-VAE"
    assert (config.data.size, config.model.net, config.model.latent_dim) == (64, "conv", 128)
    assert (config.train.epochs, config.train.batch_size) == (100, 64)
    assert (config.train.learning_rate, config.train.seed) == (0.005, 1265)
    assert found.unknown == ()


def test_that_their_decay_becomes_a_drawn_line() -> None:
    train = translated(COLOUR).config.train
    assert train.lr_schedule == "polyline"
    assert train.lr_points.startswith("0:1, 0.125:")
    assert float(train.lr_points.rpartition(":")[2]) == pytest.approx(0.95**100, abs=1e-6)


def test_that_a_capacity_keeps_its_nats_and_its_climb() -> None:
    found = translated(
        pytorch_vae("BetaVAE", loss_type="B", gamma=10, max_capacity=30, Capacity_max_iter=10_000)
    ).config.objective
    assert (found.objective, found.options) == ("capacity", {"gamma": 10.0})
    assert (found.capacity, found.capacity_schedule) == (30.0, "linear")
    steps = 10 * math.ceil(162_770 / 64)
    assert found.capacity_warmup == pytest.approx(10_000 / steps, rel=1e-3)


def test_that_weights_beside_a_weighed_kl_grow_when_the_kl_is_whole() -> None:
    factor = translated(pytorch_vae("FactorVAE", 0.001, gamma=6.4)).config.objective
    assert factor.options == {"gamma": pytest.approx(6400)}
    info = translated(pytorch_vae("InfoVAE", 0.01, alpha=-1.0, beta=2.0, reg_weight=10))
    assert info.config.objective.options == {"alpha": -1.0, "weight": pytest.approx(802)}
    assert sigma(info) == pytest.approx(math.sqrt(0.01 / 2.0 * 12_288 / 2), rel=1e-4)


def test_that_losses_which_sum_their_error_ignore_the_kl_weight() -> None:
    for name, objective in (("BetaTCVAE", "beta-tcvae"), ("DIPVAE", "dip-vae-ii")):
        found = translated(pytorch_vae(name))
        assert found.config.objective.objective == objective
        assert sigma(found) == pytest.approx(0.7071, abs=1e-4)


def test_that_an_unknown_field_is_named() -> None:
    recipe = pytorch_vae("VanillaVAE", attention_heads=4)
    recipe["exp_params"] = {"kld_weight": 0.1, "weight_decay": 0.01}
    assert translated(recipe).unknown == ("weight_decay", "attention_heads")


def test_that_a_model_without_a_counterpart_is_refused_by_name() -> None:
    with pytest.raises(StudioError, match="'VQVAE' has no counterpart here"):
        translated(pytorch_vae("VQVAE"))


# -- pythae ------------------------------------------------------------------------------------


def test_that_both_configs_of_pythae_are_read_as_one() -> None:
    nested, apart = (
        translated(PYTHAE),
        translated(
            "\n---\n".join(json.dumps(PYTHAE[part]) for part in ("training_config", "model_config"))
        ),
    )
    for found in (nested, apart):
        config = found.config
        assert (found.style, found.unknown) == ("pythae", ())
        assert (config.model.likelihood, config.objective.beta) == ("bernoulli-grey", 2.0)
        assert (config.model.latent_dim, config.data.size) == (16, 28)
        assert (config.train.epochs, config.train.batch_size, config.train.seed) == (20, 100, 8)
        assert (config.train.learning_rate, config.train.lr_schedule) == (1e-3, "constant")


def pythae(**model: object) -> dict[str, object]:
    return {"input_dim": [1, 28, 28], "latent_dim": 16, "reconstruction_loss": "mse", **model}


def test_that_half_a_squared_error_is_a_gaussian_of_unit_variance() -> None:
    found = translated(pythae(name="VAEConfig"))
    assert sigma(found) == 1.0
    assert found.beta.sentence == "Your loss equals β = 1 at unit variance."


def test_that_their_beta_beside_a_capacity_is_our_gamma() -> None:
    recipe = pythae(name="DisentangledBetaVAEConfig", beta=5, C=30.0, warmup_epoch=24)
    found = translated({**recipe, "num_epochs": 100}).config.objective
    assert (found.options, found.capacity) == ({"gamma": 5.0}, 30.0)
    assert (found.capacity_schedule, found.capacity_warmup) == ("linear", 0.25)


@pytest.mark.parametrize(
    ("name", "objective", "options"),
    [
        ("BetaTCVAEConfig", "beta-tcvae", {"alpha": 1.0, "gamma": 1.0}),
        ("FactorVAEConfig", "factor-vae", {"gamma": 2.0}),
        ("INFOVAE_MMD_Config", "info-vae", {"alpha": 0.5, "weight": 0.03}),
        ("IWAEConfig", "iwae", {"samples": 10}),
    ],
)
def test_that_what_a_pythae_config_leaves_out_has_their_default(
    name: str, objective: str, options: dict[str, float]
) -> None:
    found = translated(pythae(name=name)).config.objective
    assert (found.objective, found.options) == (objective, options)


def test_that_a_training_config_alone_leaves_the_model_as_it_is() -> None:
    base = with_value(RunConfig(), "model.latent_dim", 7)
    found = translated({"num_epochs": 3, "learning_rate": 1e-4}, base).config
    assert (found.train.epochs, found.model) == (3, base.model)


# -- disentangling-vae -------------------------------------------------------------------------


def test_that_an_ini_file_is_read_with_its_quotes_and_capitals() -> None:
    found = translated(INI)
    config = found.config
    assert (found.style, found.unknown) == ("disentangling-vae", ())
    assert (config.data.dataset, config.data.size) == ("mnist", 32)
    assert (config.objective.beta, config.train.learning_rate) == (4.0, 5e-4)
    assert (config.objective.schedule, config.objective.warmup) == ("linear", 0.1)


def test_that_an_experiment_lays_its_sections_over_the_defaults() -> None:
    found = translated(INI.replace("'custom'", "'VAE_celeba'"))
    assert found.config.objective.beta == 1.0
    assert (found.config.data.dataset, found.config.data.size) == ("celeba", 64)


def test_that_a_set_we_do_not_have_is_named() -> None:
    found = translated("--rec-dist bernoulli --loss VAE --dataset chairs")
    assert found.unknown == ("dataset chairs",)
    assert found.config.data.dataset == RunConfig().data.dataset


def test_that_the_words_of_a_command_line_are_a_recipe() -> None:
    found = translated(
        "python main.py mine -d mnist -l btcvae --btcvae-B 6 -r gaussian \\\n"
        "    -z 12 --lr 0.001 -b 256 -e 5"
    )
    config = found.config
    assert (config.objective.objective, config.objective.beta) == ("beta-tcvae", 6.0)
    assert (config.model.latent_dim, config.train.batch_size, config.train.epochs) == (12, 256, 5)
    assert sigma(found) == pytest.approx(1 / math.sqrt(510), rel=1e-4)


def test_that_three_times_the_absolute_error_is_a_laplace_density() -> None:
    found = translated("--rec-dist laplace --loss VAE").config.model
    assert found.likelihood == "laplace"
    assert list(found.likelihood_options.values()) == [pytest.approx(1 / 3, rel=1e-5)]


def test_that_saved_metadata_is_a_recipe() -> None:
    recipe = {"loss": "betaB", "betaB_G": 1000, "betaB_finC": 25, "betaB_initC": 0, "rec_dist":
              "bernoulli", "reg_anneal": 10000, "img_size": [1, 32, 32], "latent_dim": 10,
              "epochs": 400, "batch_size": 64, "dataset": "mnist"}  # fmt: skip
    found = translated(recipe).config.objective
    assert (found.objective, found.options, found.capacity) == ("capacity", {"gamma": 1000.0}, 25.0)
    assert found.capacity_warmup == pytest.approx(10_000 / (400 * 938), rel=1e-3)


def test_that_an_annealing_over_an_unknown_set_is_named_not_guessed() -> None:
    found = translated("--rec-dist bernoulli --loss betaH --dataset faces --reg-anneal 5000")
    assert "climb of the β over 5,000 steps" in found.unknown
    assert found.config.objective.schedule == "constant"


# -- what every style shares -------------------------------------------------------------------


def test_that_settings_a_recipe_does_not_name_stay_as_they_are() -> None:
    base = with_value(with_value(RunConfig(), "train.device", "cpu"), "data.validation", 500)
    found = translated(COLOUR, base).config
    assert (found.train.device, found.data.validation) == ("cpu", 500)


def test_that_a_recipe_makes_a_plain_vae_of_whatever_was_there() -> None:
    base = with_value(with_value(RunConfig(), "model.codes", "exact"), "objective.cycles", 9)
    assert translated(COLOUR, base).config.model.codes == "sampled"


def test_that_an_objective_the_catalog_lacks_is_refused_in_one_sentence() -> None:
    class WithoutCapacity:
        cards = staticmethod(catalog.cards)

        def check(self, config: RunConfig) -> RunConfig:
            raise StudioError("--objective does not know 'capacity'; use one of: elbo.")

    with pytest.raises(StudioError, match="This PyTorch-VAE recipe cannot run here: --objective"):
        translate(json.dumps(pytorch_vae("BetaVAE")), WithoutCapacity())


def test_that_a_weight_beyond_what_an_option_takes_is_refused() -> None:
    with pytest.raises(StudioError, match="cannot run here: gamma must be at most 10000"):
        translated(pytorch_vae("FactorVAE", 0.00025, gamma=6.4))


@pytest.mark.parametrize(
    ("recipe", "complaint"),
    [
        ("", "no settings in this text"),
        ("just some words", "no settings of the form 'name: value'"),
        ("- 1\n- 2", "no settings of the form"),
        ("a: 1", "of no kind known here"),
        ("a: [1", "neither YAML nor JSON nor an .ini file: error in line"),
        ("a: \x00", "neither YAML nor JSON"),
        ("[" * 5_000, "neither YAML nor JSON"),
        ("x: !!python/object/apply:os.system ['false']", "neither YAML nor JSON"),
        ("when: 2024-99-99", "neither YAML nor JSON"),
        ("[Custom]\nrec_dist = ${Nowhere:x}", "This .ini file cannot be read"),
        ("[Custom]\nnonsense", "This .ini file cannot be read"),
        ("--rec-dist 'bernoulli", "quotation mark"),
        ("kld_weight: much", "'kld_weight' must be a number; it is 'much'"),
        ("kld_weight: true", "'kld_weight' must be a number; it is True"),
        ("kld_weight: .nan", "'kld_weight' must be a number; it is nan"),
        ("kld_weight: 0", "'kld_weight' must be above 0"),
        ("kld_weight: [1, 2]", "it is a list"),
        ("kld_weight: " + "9" * 5_000, "neither YAML nor JSON|must be a number"),
        ("kld_weight: 1\nlatent_dim: 2.5", "'latent_dim' must be a whole number; it is 2.5"),
        ("kld_weight: 1\nlatent_dim: 0", "--latent-dim must be at least 1"),
        ("model_params: {name: VanillaVAE}", "do not say 'M_N'"),
        ("model_params: {name: 3}\nkld_weight: 1", "'model_params.name' must be a word"),
        ("reconstruction_loss: l7", "'reconstruction_loss' must be 'mse' or 'bce'"),
        ("input_dim: [784]", "must be channels and a square"),
        ("input_dim: big", "must be a list of whole numbers"),
        ("rec_dist: poisson", "'rec_dist' must be one of bernoulli, gaussian, laplace"),
        ("rec_dist: bernoulli\nloss: gan", "'loss' must be one of VAE, betaH"),
        ("{a: {b: {c: {d: {e: 1}}}}}", "nested too deeply"),
        ("\n".join(f"k{n}: 1" for n in range(2_001)), "more than 2,000 settings"),
        ("#" * (LIMIT_BYTES + 1), "shorter than 1 MB"),
    ],
)  # fmt: skip
def test_that_what_is_no_recipe_gets_one_clear_sentence(recipe: str, complaint: str) -> None:
    with pytest.raises(StudioError) as refused:
        translated(recipe)
    assert re.search(complaint, refused.value.sentence)
    assert "\n" not in refused.value.sentence
    assert len(refused.value.sentence) < 300


def test_that_a_list_named_a_billion_times_is_harmless() -> None:
    levels = ["a: &a {x: 1, y: 2, z: 3}"]
    levels += [
        f"{b}: &{b} {{x: *{a}, y: *{a}, z: *{a}}}" for a, b in zip("abc", "bcd", strict=True)
    ]
    with pytest.raises(StudioError):
        translated("\n".join(levels))
    huge = ["a: &a [1, 1, 1, 1, 1, 1, 1, 1, 1]"]
    huge += [
        f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]"
        for a, b in zip("abcdefgh", "bcdefghi", strict=True)
    ]
    with pytest.raises(StudioError, match="it is a list"):
        translated("\n".join([*huge, "kld_weight: *i"]))


def test_that_json_with_tabs_and_numbers_with_exponents_are_read() -> None:
    assert read('{\n\t"lr": 1\n}').number("lr") == 1.0
    assert read("lr: 5e-4").number("lr") == 5e-4  # text to YAML 1.1
