"""The config of a run: every field a knob, every wrong value a sentence, there and back exact."""

from __future__ import annotations

import json
import random

import msgspec
import pytest

from vae_studio.domain.config import (
    RunConfig,
    from_dict,
    knob_at,
    knobs,
    to_dict,
    value_at,
    with_value,
)
from vae_studio.domain.errors import StudioError


def test_that_every_field_but_the_options_has_a_knob_with_its_own_default() -> None:
    fields = {
        f"{section.name}.{field.name}"
        for section in msgspec.structs.fields(RunConfig)
        for field in msgspec.structs.fields(section.type)
    }
    assert fields - {knob.path for knob in knobs()} == {
        "model.options", "model.likelihood_options", "model.prior_options", "objective.options",
        "objective.auxiliary_options",
    }  # fmt: skip
    assert all(value_at(RunConfig(), knob.path) == knob.default for knob in knobs())


def test_that_every_knob_can_be_shown_and_spelled() -> None:
    flags = [knob.flag for knob in knobs() if knob.flag]
    assert len(set(flags)) == len(flags)
    for knob in knobs():
        assert knob.label
        assert knob.help.endswith(".")
        assert knob.flag.startswith("--") or (knob.advanced and not knob.flag)
        assert knob.panel == knob.path.split(".")[0]
        assert knob.check(knob.default) == knob.default
        assert (knob.kind == "choice") == bool(knob.choices or knob.catalog)
        if knob.kind in ("int", "float"):
            assert knob.low is not None
            assert knob.high is not None


def test_that_only_the_objective_and_the_learning_rate_may_be_turned_while_training() -> None:
    live = {knob.path for knob in knobs() if knob.live}
    of_the_objective = {knob.path for knob in knobs() if knob.panel == "objective"}
    fixed = {"objective.objective", "objective.auxiliary", "objective.auxiliary_weight"}
    assert live == (of_the_objective - fixed) | {
        "train.learning_rate", "train.lr_schedule", "train.lr_points",
    }  # fmt: skip


def other_value(path: str, dice: random.Random):
    knob = knob_at(path)
    if knob.kind == "int":
        return dice.randint(int(knob.low), int(knob.high))
    if knob.kind == "float":
        return dice.uniform(knob.low, knob.high)
    if knob.kind == "flag":
        return dice.random() < 0.5
    if knob.kind == "polyline":
        return f"0:{dice.random()}, {dice.uniform(0.1, 1.0)}:1"
    return dice.choice(knob.choices).value if knob.choices else f"name {dice.random()}"


@pytest.mark.parametrize("seed", range(20))
def test_that_any_config_comes_back_from_json_as_it_was(seed: int) -> None:
    dice, config = random.Random(seed), RunConfig()
    for knob in knobs():
        value = other_value(knob.path, dice)
        config = with_value(config, knob.path, value)
        assert value_at(config, knob.path) == value
    for path in ("model.options", "model.likelihood_options", "objective.options"):
        config = with_value(config, f"{path}.width", dice.random())
    assert from_dict(json.loads(json.dumps(to_dict(config)))) == config


def test_that_equal_settings_are_written_alike() -> None:
    typed, clicked = (with_value(RunConfig(), "objective.beta", beta) for beta in (4, 4.0))
    assert json.dumps(to_dict(typed)) == json.dumps(to_dict(clicked))


def test_that_a_change_leaves_the_old_config_alone() -> None:
    first = RunConfig()
    second = with_value(with_value(first, "model.options.width", 8), "model.options.depth", 2)
    assert first == RunConfig()
    assert second.model.options == {"width": 8, "depth": 2}
    assert value_at(second, "model.options.width") == 8
    third = with_value(second, "model.options.width", 16)
    assert second.model.options["width"] == 8
    assert third.model.options == {"width": 16, "depth": 2}


@pytest.mark.parametrize(
    "path",
    [
        "", "beta", "objective", "objective.gamma", "nothing.beta", "objective.beta.x",
        "model.options", "model.options.", "model.net.x", "model.options.a.b", "..",
        "objective.__class__", "data.dataset.",
    ],
)  # fmt: skip
def test_that_a_place_that_does_not_exist_is_named(path: str) -> None:
    with pytest.raises(StudioError) as caught:
        with_value(RunConfig(), path, 1.0)
    assert str(caught.value) == f"There is no setting named '{path}'."


def test_that_a_wrong_value_is_refused_where_it_is_set() -> None:
    with pytest.raises(StudioError, match="--beta must be at least 0; it is -1"):
        with_value(RunConfig(), "objective.beta", -1.0)
    with pytest.raises(StudioError, match="--device does not know 'tpu'"):
        with_value(RunConfig(), "train.device", "tpu")


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {"train": {"epochs": "ten"}},
            "The setting 'train.epochs' cannot be read: expected int, got str.",
        ),
        (
            {"data": {"folder": "x"}},
            "The setting 'data' cannot be read: object contains unknown field folder.",
        ),
        ({"extra": 1}, "The settings cannot be read: object contains unknown field extra."),
        ([], "The settings cannot be read: expected object, got array."),
        ({"train": {"epochs": 0}}, "--epochs must be at least 1; it is 0."),
        ({"train": {"seed": 2**53 + 1}}, f"--seed must be at most {2**53}; it is {2**53 + 1}."),
        ({"objective": {"beta": float("nan")}}, "--beta must be a finite number; it is nan."),
    ],
)
def test_that_settings_from_a_file_are_read_strictly(fields, sentence: str) -> None:
    with pytest.raises(StudioError) as caught:
        from_dict(fields)
    assert str(caught.value) == sentence


def test_that_a_null_in_the_options_names_its_place() -> None:
    with pytest.raises(
        StudioError, match=r"The setting 'model\.options.*' cannot be read: expected"
    ):
        from_dict({"model": {"options": {"width": None}}})


def test_that_missing_settings_take_their_defaults() -> None:
    assert from_dict({}) == RunConfig()
    assert from_dict({"train": {"epochs": 3}}).train.batch_size == RunConfig().train.batch_size
