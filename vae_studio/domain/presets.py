"""Presets: settings that were measured, each with the result they reach.

A preset is a file of resources/presets. It names the knobs that differ from the defaults, and what
to expect, with the machine and the day it was measured on.
"""

from __future__ import annotations

from functools import cache, cached_property
from typing import Any

import msgspec

from vae_studio.domain.config import RunConfig, from_dict
from vae_studio.domain.errors import StudioError
from vae_studio.resources import resource


class Expected(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a run of the preset came to: a number with its convention, and how long it trained."""

    number: str
    value: float
    seconds: float
    machine: str
    date: str
    within: float = 0.0


class Preset(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, dict=True):
    """A named RunConfig. ``settings`` holds the fields that differ from the defaults."""

    name: str
    title: str
    help: str
    settings: dict[str, Any]
    expected: tuple[Expected, ...] = ()
    order: int = 100

    @cached_property
    def config(self) -> RunConfig:
        """The whole config, read once: forms compare it with every turn of a knob. StudioError when
        the file names a setting that does not exist.
        """
        return from_dict(self.settings)

    def on_machine_of(self, config: RunConfig) -> RunConfig:
        """The preset's settings on the device, in the precision and from the seed of ``config``."""
        train = msgspec.structs.replace(
            self.config.train, device=config.train.device, precision=config.train.precision,
            seed=config.train.seed,
        )  # fmt: skip
        return msgspec.structs.replace(self.config, train=train)

    @property
    def promise(self) -> str:
        """What to expect, in one line; empty where nothing was measured."""
        return "; ".join(
            f"{found.number} {found.value:g} after {found.seconds:.0f} s ({found.machine}, "
            f"{found.date})"
            for found in self.expected
        )


@cache
def presets() -> dict[str, Preset]:
    """Every preset by name, in their stated order."""
    files = [entry for entry in resource("presets").iterdir() if entry.name.endswith(".json")]
    found = [msgspec.json.decode(entry.read_bytes(), type=Preset) for entry in files]
    return {preset.name: preset for preset in sorted(found, key=lambda one: one.order)}


def preset(name: str) -> Preset:
    """The preset of this name; StudioError lists the others when there is none."""
    if name not in presets():
        raise StudioError(f"There is no preset '{name}'; use one of: {', '.join(presets())}.")
    return presets()[name]
