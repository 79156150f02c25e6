"""Turns the settings of other people's code into a RunConfig, and says what changed its meaning."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from vae_studio.domain.cards import Card
from vae_studio.domain.config import RunConfig
from vae_studio.domain.effective_beta import EffectiveBeta, effective_beta
from vae_studio.domain.errors import StudioError
from vae_studio.domain.translate import disentangling, pythae, pytorch_vae
from vae_studio.domain.translate.draft import Draft
from vae_studio.domain.translate.reading import read

STYLES = (pytorch_vae, disentangling, pythae)
_KNOWN = (
    "They are of no kind known here: PyTorch-VAE's have kld_weight or model_params, pythae's "
    "reconstruction_loss or num_epochs, disentangling-vae's rec_dist or reg_anneal."
)


class Catalog(Protocol):
    """What there is to choose from; the module ``engine.catalog`` fits."""

    def check(self, config: RunConfig) -> RunConfig:
        """``config`` itself when it can run; StudioError otherwise."""

    def cards(self, catalog: str) -> Mapping[str, Card]:
        """The cards of a catalog by name."""


@dataclass(frozen=True)
class Translation:
    """``config`` trains as the recipe does, up to what ``notes`` say, one sentence each;
    ``unknown`` names the fields that have no counterpart here; ``style`` is the code they are from.
    """

    style: str
    config: RunConfig
    notes: tuple[str, ...]
    unknown: tuple[str, ...]
    beta: EffectiveBeta


def translate(text: str, catalog: Catalog, base: RunConfig | None = None) -> Translation:
    """Read a recipe (YAML, JSON, .ini or a command line) as changes of ``base``.

    Raises StudioError, in one sentence, where the text is no recipe, a value is wrong, or a model
    or option has no counterpart.
    """
    fields = read(text)
    style = next((style for style in STYLES if style.is_mine(fields)), None)
    if style is None:
        raise StudioError(_KNOWN)
    draft = Draft(base or RunConfig(), fields)
    style.fill(draft)
    try:
        config = catalog.check(draft.config)
    except StudioError as wrong:
        raise StudioError(f"This {style.NAME} recipe cannot run here: {wrong.sentence}") from None
    beta = effective_beta(config, draft.shape, catalog.cards)
    unknown = dict.fromkeys((*draft.unknown, *fields.rest()))
    return Translation(style.NAME, config, tuple(draft.notes), tuple(unknown), beta)
