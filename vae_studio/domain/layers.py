"""What a network is made of, layer by layer, as a person reads it."""

from __future__ import annotations

from dataclasses import dataclass

from vae_studio.domain.config import ModelConfig


@dataclass(frozen=True)
class Layer:
    """One layer with weights. ``shape`` is its output for one picture, without the batch.

    ``products`` are the multiply-adds of its forward pass for one picture.
    """

    part: str
    kind: str
    shape: tuple[int, ...]
    parameters: int
    products: int


@dataclass(frozen=True)
class LayerTable:
    """Every layer of a model in the order in which a picture meets them.

    ``parameters`` counts all that is learnt, also what belongs to no single layer.
    """

    layers: tuple[Layer, ...]
    parameters: int

    @property
    def flops(self) -> int:
        """Floating-point operations of encoding and decoding one picture: two per product."""
        return 2 * sum(layer.products for layer in self.layers)

    def training_flops(self, codes: int = 1) -> int:
        """Operations of training on one picture, ``codes`` of whose codes are decoded: the backward
        pass costs two forward passes.
        """
        decoded = 2 * sum(layer.products for layer in self.layers if layer.part == "decoder")
        return 3 * (self.flops + (codes - 1) * decoded)


@dataclass(frozen=True)
class LayersWanted:
    """Which model is asked about: its settings, and what its pictures are like."""

    model: ModelConfig
    shape: tuple[int, int, int]
    classes: int


@dataclass(frozen=True)
class LayersDescribed:
    """The layers of the model that was asked about."""

    wanted: LayersWanted
    table: LayerTable
