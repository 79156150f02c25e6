"""Auxiliary terms: what they measure, and that no reported number contains them."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
import torch
from scipy.ndimage import correlate
from support.trained import arrays_of, finished
from torch import Tensor

from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import BatchesTrained, Validated
from vae_studio.engine import build, catalog
from vae_studio.engine.auxiliary import focal_frequency, ms_ssim, perceptual
from vae_studio.engine.objective import Setting
from vae_studio.engine.trainer import Trainer
from vae_studio.runs.folder import Checkpoint

NAMES = [name for name in catalog.auxiliaries() if name != "none"]
SHAPES = [(1, 28, 28), (3, 17, 22), (1, 8, 9), (3, 64, 64)]


@pytest.fixture
def eyes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with weights of VGG16's shapes (not its values) where they are looked for."""
    generator = torch.Generator().manual_seed(0)
    weights = {"classifier.0.bias": torch.zeros(4096)}
    for place, inputs, outputs in perceptual.LAYERS:
        weight = torch.randn(outputs, inputs, 3, 3, generator=generator)
        weights[f"features.{place}.weight"] = weight * math.sqrt(2 / (9 * inputs))
        weights[f"features.{place}.bias"] = torch.zeros(outputs)
    torch.save(weights, tmp_path / perceptual.WEIGHTS_FILE)
    monkeypatch.setenv("VAE_STUDIO_WEIGHTS", str(tmp_path))
    return tmp_path


def term_of(name: str, **options: object) -> torch.nn.Module:
    card = catalog.auxiliaries()[name]
    return catalog.load(card, "Auxiliary")({**card.defaults(), **options})


def pictures(*shape: int, seed: int = 0) -> Tensor:
    """Smooth random pictures in [0, 1]."""
    noise = torch.rand(*shape, generator=torch.Generator().manual_seed(seed))
    return torch.nn.functional.avg_pool2d(noise, 3, stride=1, padding=1)


# -- every term -----------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", NAMES)
def test_that_a_perfect_copy_costs_nothing_and_a_worse_one_more(
    name: str, shape: tuple[int, int, int], eyes: Path
) -> None:
    term, x = term_of(name), pictures(5, *shape)
    noise = torch.randn(x.shape, generator=torch.Generator().manual_seed(1))
    costs = [float(term((x + size * noise).clamp(0, 1), x)) for size in (0.0, 0.05, 0.2)]
    assert costs[0] == pytest.approx(0.0, abs=1e-3)
    assert costs[0] < costs[1] < costs[2]


@pytest.mark.parametrize("name", NAMES)
def test_that_weight_one_is_on_the_scale_of_nats_per_image(name: str, eyes: Path) -> None:
    """A flat grey copy is about the worst there is; the KL of a usual run is 10 to 50 nats."""
    x = pictures(5, 1, 28, 28)
    assert 3.0 < float(term_of(name)(torch.full_like(x, 0.5), x)) < 300.0


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("level", [0.0, 1.0])
def test_that_flat_pictures_give_a_finite_gradient(name: str, level: float, eyes: Path) -> None:
    x = torch.zeros(2, 1, 16, 16)
    picture = torch.full_like(x, level, requires_grad=True)
    term_of(name)(picture, x).backward()
    assert torch.isfinite(picture.grad).all()


@pytest.mark.parametrize("name", NAMES)
def test_that_following_the_gradient_makes_the_copy_better(name: str, eyes: Path) -> None:
    term, x = term_of(name), pictures(4, 1, 20, 20)
    picture = pictures(4, 1, 20, 20, seed=1).requires_grad_()
    before = term(picture, x)
    before.backward()
    step = 1e-3 * picture.grad / picture.grad.abs().max()
    assert term(picture.detach() - step, x).item() < before.item()


# -- against slow references ----------------------------------------------------------------------


def slow_ms_ssim(left: np.ndarray, right: np.ndarray) -> float:
    """Wang 2003 on two planes (H, W), by SciPy."""
    place = np.arange(11) - 5
    bell = np.exp(-(place**2) / (2 * 1.5**2))
    window = np.outer(bell, bell) / bell.sum() ** 2

    def mean(plane: np.ndarray) -> np.ndarray:
        return correlate(plane, window)[5:-5, 5:-5]

    weights = np.array([0.0448, 0.2856, 0.3001, 0.2363, 0.1333])
    scales = [scale for scale in range(5) if min(left.shape) // 2**scale >= 11]
    weights = weights[: len(scales)] / weights[: len(scales)].sum()
    similarity = 1.0
    for scale in scales:
        mu_l, mu_r = mean(left), mean(right)
        var_l, var_r = mean(left**2) - mu_l**2, mean(right**2) - mu_r**2
        structure = (2 * (mean(left * right) - mu_l * mu_r) + 9e-4) / (var_l + var_r + 9e-4)
        if scale == scales[-1]:
            structure = structure * (2 * mu_l * mu_r + 1e-4) / (mu_l**2 + mu_r**2 + 1e-4)
        similarity *= structure.mean() ** weights[scale]
        height, width = (side // 2 * 2 for side in left.shape)
        left, right = (
            plane[:height, :width].reshape(height // 2, 2, width // 2, 2).mean((1, 3))
            for plane in (left, right)
        )
    return float(similarity)


@pytest.mark.parametrize("shape", [(11, 12), (28, 28), (45, 60), (180, 190)])
def test_that_ms_ssim_is_the_formula(shape: tuple[int, int]) -> None:
    left = pictures(2, 3, *shape).double()
    right = (0.7 * left + 0.3 * pictures(2, 3, *shape, seed=5)).double()
    ours = ms_ssim.ms_ssim(left, right)
    slow = [
        np.mean([slow_ms_ssim(*planes) for planes in zip(*pair, strict=True)])
        for pair in zip(left.numpy(), right.numpy(), strict=True)
    ]
    assert ours.tolist() == pytest.approx(slow, abs=1e-9)


def test_that_the_focal_frequency_loss_is_the_formula() -> None:
    picture, x = pictures(2, 3, 6, 5).double(), pictures(2, 3, 6, 5, seed=3).double()
    apart = np.fft.fft2((picture - x).numpy()) / math.sqrt(30)
    size = np.abs(apart)
    weight = size**1.5 / (size**1.5).max(axis=(2, 3), keepdims=True)
    slow = (weight * size**2).sum(axis=(1, 2, 3)).mean() / (2 * 0.1**2)
    assert float(term_of("focal-frequency", alpha=1.5)(picture, x)) == pytest.approx(slow, rel=1e-9)


def test_that_without_focus_it_is_the_squared_error_of_gaussian_pixels() -> None:
    picture, x = pictures(2, 1, 7, 6), pictures(2, 1, 7, 6, seed=3)
    squared = (picture - x).square().sum((1, 2, 3)).mean()
    ours = float(term_of("focal-frequency", alpha=0.0)(picture, x))
    assert ours == pytest.approx(float(squared) / (2 * focal_frequency.SIGMA**2), rel=1e-5)


def test_that_the_layers_are_those_of_torchvisions_vgg16(eyes: Path) -> None:
    from torchvision.models.vgg import cfgs, make_layers

    whole = make_layers(cfgs["D"][:8])
    saved = torch.load(eyes / perceptual.WEIGHTS_FILE)
    own = {n.removeprefix("features."): v for n, v in saved.items() if n.startswith("features.")}
    whole.load_state_dict(own, strict=False)
    x = pictures(2, 3, 32, 32)
    features = (x - term_of("perceptual").mean) / term_of("perceptual").sd
    found = []
    with torch.no_grad():
        for place, layer in enumerate(whole[:12]):
            features = layer(features)
            if place in (1, 6, 11):  # relu1_1, relu2_1, relu3_1
                found.append(torch.nn.functional.normalize(features, dim=1))
        ours = term_of("perceptual")._features(x)
    assert all(torch.allclose(a, b, atol=1e-5) for a, b in zip(ours, found, strict=True))


# -- the weights of VGG16 -------------------------------------------------------------------------


def test_that_missing_weights_are_one_clear_sentence_at_the_start(
    small_config, tiny_splits, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.delenv("VAE_STUDIO_WEIGHTS", raising=False)
    with pytest.raises(StudioError, match=r"put vgg16-397923af\.pth into '.*checkpoints'"):
        Trainer(small_config({"objective.auxiliary": "perceptual"}), tiny_splits)


def test_that_weights_in_torch_hubs_folder_are_found(
    eyes: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoints = tmp_path / "hub" / "checkpoints"
    checkpoints.mkdir(parents=True)
    (eyes / perceptual.WEIGHTS_FILE).rename(checkpoints / perceptual.WEIGHTS_FILE)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    assert perceptual.find_weights() == checkpoints / perceptual.WEIGHTS_FILE


@pytest.mark.parametrize("content", [b"", b"not a file of weights", None])
def test_that_a_torn_or_foreign_file_is_one_clear_sentence(
    content: bytes | None, eyes: Path
) -> None:
    file = eyes / perceptual.WEIGHTS_FILE
    if content is None:
        torch.save({"features.0.weight": torch.zeros(2, 2)}, file)
    else:
        file.write_bytes(content)
    with pytest.raises(StudioError, match="does not hold torchvision's weights of VGG16"):
        term_of("perceptual")


# -- on top of an objective -----------------------------------------------------------------------


def _first_terms(config, splits):
    trainer = Trainer(config, splits)
    objective = build.build_objective(config, trainer.vae)
    generator = torch.Generator().manual_seed(0)
    at = Setting(beta=1.0, capacity=5.0, images=384, total_steps=12)
    return trainer.vae, objective(trainer.vae, trainer.batches.batch(0).x_BCHW, at, generator)


@pytest.mark.parametrize("name", list(catalog.objectives()))
def test_that_every_objective_gets_the_term_and_keeps_its_numbers(
    name: str, small_config, tiny_splits
) -> None:
    changes = {"objective.objective": name}
    _, alone = _first_terms(small_config(changes), tiny_splits)
    changes |= {"objective.auxiliary": "ms-ssim", "objective.auxiliary_weight": 2.5}
    vae, both = _first_terms(small_config(changes), tiny_splits)
    term = both.extra["MS-SSIM"]
    assert torch.equal(both.distortion, alone.distortion)
    assert torch.equal(both.rate, alone.rate)
    assert float(both.loss.detach()) == pytest.approx((alone.loss + 2.5 * term).item(), rel=1e-6)
    assert set(both.extra) == {*alone.extra, "MS-SSIM"}
    vae.zero_grad()
    term.backward()
    assert all(parameter.grad is not None for parameter in vae.decoder.parameters())


def test_that_nothing_is_decoded_twice(small_config, tiny_splits) -> None:
    config = small_config({"objective.auxiliary": "ms-ssim"})
    trainer = Trainer(config, tiny_splits)
    calls = []
    trainer.vae.decoder.register_forward_hook(lambda *_: calls.append(1))
    next(trainer._stepper.run(trainer.batches.batch(0), Setting(beta=1.0), 1e-3))
    assert calls == [1]


@pytest.mark.parametrize("likelihood", list(catalog.likelihoods()))
def test_that_every_likelihood_trains_with_a_term_on_top(
    likelihood: str, small_config, tiny_splits
) -> None:
    config = small_config({"model.likelihood": likelihood, "objective.auxiliary": "ms-ssim"})
    told = [event for event in Trainer(config, tiny_splits).run() if event is not None]
    chunks = [event for event in told if isinstance(event, BatchesTrained)]
    for chunk in chunks:
        whole = chunk.distortion + chunk.rate + chunk.extra["MS-SSIM"]
        assert np.allclose(chunk.loss, whole, rtol=1e-4, atol=0.05)
    assert len([event for event in told if isinstance(event, Validated)]) == 3


def test_that_a_term_can_be_trained_in_bf16_with_labels_and_in_parts(
    small_config, tiny_splits
) -> None:
    config = small_config(
        {
            "objective.auxiliary": "ms-ssim", "train.precision": "bf16", "model.conditional": True,
            "train.epochs": 20, "objective.auxiliary_weight": 3.0,
        }
    )  # fmt: skip
    trainer = Trainer(config, tiny_splits)
    trainer._stepper.micro_batches = 2
    told = [event for event in trainer.run() if isinstance(event, BatchesTrained)]
    term = np.concatenate([chunk.extra["MS-SSIM"] for chunk in told])
    assert np.isfinite(term).all()
    assert term[-10:].mean() < 0.9 * term[:10].mean()


CHANGES = [
    {"model.likelihood": "sigma-vae"},
    {"model.likelihood": "discretised-logistic", "model.likelihood_options.scale": "shared"},
    {"model.likelihood": "bernoulli-static"},
    {"objective.auxiliary": "focal-frequency", "objective.objective": "factor-vae"},
]


@pytest.mark.parametrize("changes", CHANGES, ids=lambda changes: " ".join(changes.values()))
def test_that_what_is_learnt_beside_the_nets_resumes_bit_equal(
    changes: dict[str, object], small_config, tiny_splits
) -> None:
    config = small_config(changes)
    whole = finished(Trainer(config, tiny_splits))
    before = Trainer(config, tiny_splits)
    events = before.run()
    while before.step < 6:
        next(events)
    checkpoint = Checkpoint(step=6, name="", tensors=arrays_of(before), scalars={"seconds": 0.0})
    resumed = Trainer(config, tiny_splits, resolved=before.resolved, resume=checkpoint)
    assert finished(resumed) == whole
