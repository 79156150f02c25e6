"""The decoded manifold as an image in the theme's own ink."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from vae_studio.domain.palette import Chrome
from vae_studio.domain.reports import TilesDecoded
from vae_studio.ui.widgets.canvas_view import Extent
from vae_studio.ui.widgets.pixels import blend_table, image_of, mixed, tinted_image

DARK_PICTURES = 0.5  # mean grey below which pictures are light strokes on a dark ground


class TileLayer:
    """The newest mosaic; ``image`` is made again only when something it depends on changed."""

    def __init__(self) -> None:
        self._tiles: TilesDecoded | None = None
        self._image = QImage()
        self._key: tuple[object, ...] = ()
        self.strokes_on_dark = True

    @property
    def extent(self) -> Extent | None:
        """The rectangle of the plane the mosaic covers; None without one."""
        return self._tiles.extent if self._tiles else None

    @property
    def grey(self) -> bool:
        """Grey pictures can be inverted, colour pictures cannot."""
        return self._tiles is None or self._tiles.mosaic.shape[2] == 1

    @property
    def step(self) -> int:
        """The step the mosaic was decoded at; −1 without one."""
        return self._tiles.step if self._tiles else -1

    def show(self, tiles: TilesDecoded | None) -> None:
        """Take the place of the last mosaic."""
        if tiles is not None and self._tiles is None:
            # judged once for a model, so that nothing flips while it learns
            self.strokes_on_dark = float(_middle(tiles.mosaic).mean()) < 255 * DARK_PICTURES
        self._tiles, self._key = tiles, ()

    def image(self, chrome: Chrome, opacity: float, *, inverted: bool) -> QImage:
        """The mosaic on the panel's colour, ``opacity`` strong."""
        key = (chrome, opacity, inverted)
        if self._tiles is not None and key != self._key:
            self._key = key
            self._image = self._drawn(self._tiles.mosaic, chrome, opacity, inverted)
        return self._image

    def _drawn(
        self, mosaic_HWC: NDArray[np.uint8], chrome: Chrome, opacity: float, inverted: bool
    ) -> QImage:
        if not self.grey:
            return image_of(mosaic_HWC)
        black, white = _inks(chrome, inverted)
        table = blend_table(
            mixed(chrome.panel, black, opacity), mixed(chrome.panel, white, opacity)
        )
        return tinted_image(mosaic_HWC, table)


def _middle(mosaic_HWC: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The middle third, where codes lie: far out decoders answer glaring pictures."""
    height, width = mosaic_HWC.shape[:2]
    return mosaic_HWC[height // 3 : -(height // 3) or None, width // 3 : -(width // 3) or None]


def _inks(chrome: Chrome, inverted: bool) -> tuple[str, str]:
    """What black and white are drawn as: the panel's colour and the text's, by darkness."""
    dark_panel = int(chrome.panel[1:3], 16) < 128
    dark, light = (chrome.panel, chrome.text) if dark_panel else (chrome.text, chrome.panel)
    return (light, dark) if inverted else (dark, light)
