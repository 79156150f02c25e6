"""Training loops to compare with ours, re-made in our own words, and the machine's own limit.

Each is a generator that trains one batch of the 784-400-20 net per ``next()`` and yields how many
images that was, so that all can be timed in turns within one run.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from vae_studio.data.image_set import DataSplits
from vae_studio.domain.config import ModelConfig, RunConfig, TrainConfig
from vae_studio.engine.trainer import Trainer

BATCH = 128
LAYERS = ((784, 400), (400, 40), (20, 400), (400, 784))  # the heads for mean and log σ² as one


def classic_config() -> RunConfig:
    """The classic net, batch and learning rate, in fp32 on the CPU."""
    return RunConfig(
        model=ModelConfig(
            net="mlp", latent_dim=20, options={"width": 400, "depth": 1, "activation": "relu"}
        ),
        train=TrainConfig(
            batch_size=BATCH, epochs=10_000, learning_rate=1e-3, device="cpu", precision="fp32"
        ),
    )


def ours(splits: DataSplits) -> Iterator[int]:
    """The trainer as it is, on the classic net."""
    trainer = Trainer(classic_config(), splits)
    before = 0
    for _ in trainer.run():
        if trainer.images_trained > before:
            yield trainer.images_trained - before
            before = trainer.images_trained


class ClassicVAE(nn.Module):
    """The net of the best-known tutorial: 784-400-20-400-784 with ReLU."""

    def __init__(self) -> None:
        super().__init__()
        self.hidden = nn.Linear(784, 400)
        self.mean = nn.Linear(400, 20)
        self.logvar = nn.Linear(400, 20)
        self.up = nn.Linear(20, 400)
        self.out = nn.Linear(400, 784)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Probabilities, mean and log-variance."""
        h = F.relu(self.hidden(x.view(-1, 784)))
        mean, logvar = self.mean(h), self.logvar(h)
        z = mean + torch.randn_like(mean) * torch.exp(0.5 * logvar)
        return torch.sigmoid(self.out(F.relu(self.up(z)))), mean, logvar


class PictureByPicture(torch.utils.data.Dataset[tuple[Tensor, int]]):
    """As torchvision does it: an array becomes a PIL image becomes a tensor, one by one."""

    def __init__(self, splits: DataSplits) -> None:
        from torchvision.transforms import ToTensor

        self._images = splits.train.images_NCHW[:, 0]
        self._labels = splits.train.labels_N
        self._to_tensor = ToTensor()

    def __len__(self) -> int:
        return len(self._images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        from PIL import Image

        picture = Image.fromarray(self._images[index])
        label = 0 if self._labels is None else int(self._labels[index])
        return self._to_tensor(picture), label


def data_loader(splits: DataSplits) -> Iterator[int]:
    """A DataLoader with ToTensor, binary_cross_entropy and plain Adam, as tutorials write it."""
    model = ClassicVAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    while True:
        loader = torch.utils.data.DataLoader(PictureByPicture(splits), BATCH, shuffle=True)
        for x, _ in loader:
            optimizer.zero_grad()
            picture, mean, logvar = model(x)
            bce = F.binary_cross_entropy(picture, x.view(-1, 784), reduction="sum")
            kl = -0.5 * torch.sum(1 + logvar - mean.pow(2) - logvar.exp())
            loss = bce + kl
            loss.backward()
            loss.item()  # the tutorial adds it up for its progress line
            optimizer.step()
            yield len(x)


def in_memory(splits: DataSplits) -> Iterator[int]:
    """The same, with all pictures as one float tensor: what a careful reader would write."""
    model = ClassicVAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    images = torch.from_numpy(splits.train.images_NCHW.astype(np.float32) / 255.0)
    while True:
        for chosen in torch.randperm(len(images)).split(BATCH):
            x = images[chosen]
            optimizer.zero_grad()
            picture, mean, logvar = model(x)
            bce = F.binary_cross_entropy(picture, x.view(-1, 784), reduction="sum")
            kl = -0.5 * torch.sum(1 + logvar - mean.pow(2) - logvar.exp())
            loss = bce + kl
            loss.backward()
            optimizer.step()
            yield len(x)


def products_only() -> Iterator[int]:
    """Only the matrix products of a step, fp32, into memory that is there: nothing is faster."""
    parts = []
    for index, (inputs, outputs) in enumerate(LAYERS):
        x, w = torch.randn(BATCH, inputs), torch.randn(inputs, outputs)
        g, out = torch.randn(BATCH, outputs), torch.empty(BATCH, outputs)
        grad_x = torch.empty(BATCH, inputs) if index else None  # pixels need no gradient
        parts.append((x, w, g, out, torch.empty(inputs, outputs), grad_x))
    while True:
        for x, w, g, out, grad_w, grad_x in parts:
            torch.mm(x, w, out=out)
            torch.mm(x.t(), g, out=grad_w)
            if grad_x is not None:
                torch.mm(g, w.t(), out=grad_x)
        yield BATCH
