"""Perceptual term: do copy and picture look alike to a network that has learnt to see?"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from vae_studio.data.search import user_data_folder
from vae_studio.domain.atomic import shown
from vae_studio.domain.cards import Card
from vae_studio.domain.errors import StudioError

CARD = Card(
    name="perceptual",
    label="Perceptual (VGG16)",
    help="Compares what three layers of VGG16 see in copy and picture. Needs torchvision's weights "
    "of VGG16 on this computer (528 MB), which are never downloaded by themselves. Slow on a CPU.",
    source="Hou 2017 (1610.00291), section 3.2; distance per layer as in Zhang 2018 (1801.03924), "
    "equation 1, without its learnt weights",
    order=30,
)

WEIGHTS_FILE = "vgg16-397923af.pth"  # torchvision's VGG16_Weights.IMAGENET1K_V1
#: The convolutions up to relu3_1: where each stands in the file, channels in and out.
LAYERS = ((0, 3, 64), (2, 64, 64), (5, 64, 128), (7, 128, 128), (10, 128, 256))
POOLED_BEFORE = (5, 10)
COMPARED = (0, 5, 10)  # relu1_1, relu2_1 and relu3_1
IMAGENET_MEAN, IMAGENET_SD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
NATS_PER_VALUE = 0.1  # the distance is at most 2; a value of a copy costs about as many nats
TINY = 1e-10


class Auxiliary(nn.Module):
    """0.1 · values · distance, mean over the batch: 0 for a perfect copy.

    The distance is the mean over layers and places of ‖f(x) − f(copy)‖², with the features f of a
    place scaled to length 1. Raises StudioError when the weights are not there or not VGG16's.
    """

    def __init__(self, options: Mapping[str, object]) -> None:
        super().__init__()
        del options  # it has none
        self.convolutions = nn.ModuleList(nn.Conv2d(i, o, 3, padding=1) for _, i, o in LAYERS)
        self.load_state_dict(_weights(find_weights()))
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(3, 1, 1))
        self.register_buffer("sd", torch.tensor(IMAGENET_SD).view(3, 1, 1))
        self.requires_grad_(False)

    def forward(self, picture_BCHW: Tensor, x_BCHW: Tensor) -> Tensor:
        """The term of decoded pictures beside what they should be, both in [0, 1]; 0-d."""
        with torch.no_grad():
            wanted = self._features(x_BCHW)
        pairs = zip(self._features(picture_BCHW), wanted, strict=True)
        distances = [(seen - there).square().sum(1).mean() for seen, there in pairs]
        return NATS_PER_VALUE * x_BCHW[0].numel() * torch.stack(distances).mean()

    def _features(self, x_BCHW: Tensor) -> list[Tensor]:
        """Features of length 1 at each place of the compared layers; grey is shown as RGB."""
        features = (x_BCHW.expand(-1, 3, -1, -1) - self.mean) / self.sd
        found = []
        for (place, _, _), convolution in zip(LAYERS, self.convolutions, strict=True):
            if place in POOLED_BEFORE:
                features = nn.functional.max_pool2d(features, 2)
            features = nn.functional.relu(convolution(features))
            if place in COMPARED:
                found.append(features * (features.square().sum(1, keepdim=True) + TINY).rsqrt())
        return found


def find_weights() -> Path:
    """The file of weights: in the folder VAE_STUDIO_WEIGHTS, in torch hub's, or in the app's own.

    StudioError, saying where to put it, when it is in none of them.
    """
    named = os.environ.get("VAE_STUDIO_WEIGHTS", "")
    folders = [Path(os.path.expanduser(named))] if named else []
    folders += [Path(torch.hub.get_dir()) / "checkpoints", user_data_folder() / "weights"]
    for folder in folders:
        if os.path.isfile(folder / WEIGHTS_FILE):
            return folder / WEIGHTS_FILE
    raise StudioError(
        f"The perceptual term needs torchvision's weights of VGG16, which are not on this "
        f"computer; put {WEIGHTS_FILE} into '{shown(folders[0])}', or choose another --auxiliary."
    )


def _weights(file: Path) -> dict[str, Tensor]:
    """The part of VGG16 that is used, by the names of ``Auxiliary``."""
    try:
        everything = torch.load(file, map_location="cpu", weights_only=True)
        return {
            f"convolutions.{index}.{kind}": everything[f"features.{place}.{kind}"].view(shape)
            for index, (place, inputs, outputs) in enumerate(LAYERS)
            for kind, shape in (("weight", (outputs, inputs, 3, 3)), ("bias", (outputs,)))
        }
    except Exception as wrong:  # a torn file fails in pickle, zip, torch or here, each in its way
        raise StudioError(
            f"'{shown(file)}' does not hold torchvision's weights of VGG16; put the whole file "
            "there, or choose another --auxiliary.",
            details=str(wrong),
        ) from wrong
