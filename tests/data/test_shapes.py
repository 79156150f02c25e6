"""The drawn set: what its factors do to a picture, and what its name may say."""

from __future__ import annotations

import numpy as np
import pytest

from vae_studio.data import shapes, shapes_source
from vae_studio.data.catalog import is_present, load_splits, resolve
from vae_studio.data.image_set import DataSplits, ImageSet, fingerprint_of
from vae_studio.data.shapes import ShapeWorld
from vae_studio.domain.errors import StudioError

X, Y = 2, 3


@pytest.fixture(scope="module")
def splits() -> DataSplits:
    return load_splits("shapes")


def every_combination(world: ShapeWorld) -> np.ndarray:
    sizes = [factor.size for factor in world.factors]
    return np.stack(np.unravel_index(np.arange(world.combinations), sizes), axis=1)


def middles(images_NCHW: np.ndarray) -> np.ndarray:
    """(N, 2): where the light of each picture lies, x and y in pixels."""
    light_NHW = images_NCHW.sum(axis=1, dtype=np.float64)
    at = np.arange(light_NHW.shape[1]) + 0.5
    total_N = light_NHW.sum(axis=(1, 2))
    return (
        np.stack([light_NHW.sum(axis=1) @ at, light_NHW.sum(axis=2) @ at], axis=1)
        / (total_N[:, None])
    )


def test_that_the_set_holds_every_combination_once(splits: DataSplits) -> None:
    parts = (splits.train, splits.validation, splits.test)
    together = np.concatenate([part.factors_NF for part in parts])
    assert together.dtype == np.int64
    assert [(factor.name, factor.size) for factor in splits.factors] == [
        ("shape", 3), ("size", 6), ("x", 16), ("y", 16),
    ]  # fmt: skip
    assert len(together) == 3 * 6 * 16 * 16
    assert len(np.unique(together, axis=0)) == len(together)
    assert [len(part) for part in parts] == [3_733, 414, 461]


def test_that_factors_stay_with_their_pictures_through_the_splits(splits: DataSplits) -> None:
    for part in (splits.train, splits.validation, splits.test):
        np.testing.assert_array_equal(splits.drawer(part.factors_NF), part.images_NCHW)
        np.testing.assert_array_equal(part.factors_NF[:, 0], part.labels_N)
    assert splits.class_names == ("square", "ellipse", "heart")


def test_that_a_wished_size_holds_for_the_drawer_too() -> None:
    small = load_splits("shapes", size=16)
    assert small.train.shape == (1, 16, 16)
    np.testing.assert_array_equal(small.drawer(small.test.factors_NF), small.test.images_NCHW)


@pytest.mark.parametrize("world", [ShapeWorld(), ShapeWorld(rotation=True)])
def test_that_every_combination_is_another_picture_inside_the_frame(world: ShapeWorld) -> None:
    images = world.draw(every_combination(world))
    assert len({picture.tobytes() for picture in images}) == world.combinations
    light_N = images.sum(axis=(1, 2, 3), dtype=np.int64).reshape(18, 256, -1)
    assert (light_N == light_N[:, :1]).all()  # the frame cuts nothing off


def test_that_places_move_the_picture_by_whole_pixels() -> None:
    factors = np.array([[2, 4, x, y] for x, y in ((0, 0), (5, 0), (0, 7))])
    at_N2 = middles(ShapeWorld().draw(factors))
    np.testing.assert_allclose(at_N2[1] - at_N2[0], [5, 0], atol=1e-9)
    np.testing.assert_allclose(at_N2[2] - at_N2[0], [0, 7], atol=1e-9)


@pytest.mark.parametrize("side", [32, 64])
def test_that_edges_are_smooth_and_areas_are_those_of_the_shapes(side: int) -> None:
    radius = 8 * side / 32
    factors = np.array([[0, 5, 8, 8], [1, 5, 8, 8]])
    images = ShapeWorld(side=side, rotation=True).draw(np.c_[factors, [3, 3]])
    areas = images.sum(axis=(1, 2, 3), dtype=np.float64) / 255
    np.testing.assert_allclose(areas, [2 * radius**2, np.pi * radius**2 / 2], rtol=0.01)
    assert len(np.unique(images)) > 20


def test_that_a_quarter_turn_would_show_the_same_square_and_nothing_less_does() -> None:
    squares = ShapeWorld(rotation=True).draw(np.array([[0, 5, 8, 8, turn] for turn in range(8)]))
    around = squares[:, 0, 8:25, 8:25]
    np.testing.assert_array_equal(np.rot90(around, axes=(1, 2)), around)
    assert len({picture.tobytes() for picture in around}) == 8
    heart = ShapeWorld(rotation=True).draw(np.array([[2, 5, 8, 8, 4]]))
    assert (middles(heart) < 16.4).all()  # its lobes went to the left, against the clock


def test_that_hue_colours_the_shape_and_nothing_else() -> None:
    world = ShapeWorld(colour=True)
    images = world.draw(np.array([[0, 5, 8, 8, hue] for hue in range(8)]))
    assert images.shape == (8, 3, 32, 32)
    assert images[0, :, 17, 17].tolist() == [255, 0, 0]
    assert images[4, :, 17, 17].tolist() == [0, 255, 255]
    assert len({tuple(picture[:, 17, 17]) for picture in images}) == 8
    grey = ShapeWorld().draw(np.array([[0, 5, 8, 8]]))
    np.testing.assert_array_equal(images[0, 0], grey[0, 0])


@pytest.mark.parametrize(
    "factors",
    [np.zeros((2, 3), int), np.zeros(4, int), np.array([[0, 0, 16, 0]]), np.array([[0, -1, 0, 0]])],
)
def test_that_factors_that_do_not_exist_are_refused(factors: np.ndarray) -> None:
    with pytest.raises(ValueError, match="factors must"):
        ShapeWorld().draw(factors)


@pytest.mark.parametrize("correlation", [0.3, 0.7, 0.95])
def test_that_x_and_y_correlate_as_much_as_wished_and_stay_even(correlation: float) -> None:
    factors = ShapeWorld(correlated=correlation).sample(40_000, np.random.default_rng(0))
    found = np.corrcoef(factors.T)
    assert abs(found[X, Y] - correlation) < 0.02
    found[X, Y] = found[Y, X] = 0
    assert abs(found - np.eye(4)).max() < 0.02
    assert np.bincount(factors[:, X]).min() > 0.9 * 40_000 / 16


def test_that_correlated_pictures_of_the_test_are_never_learnt_from() -> None:
    splits = load_splits("shapes:correlated=0.9")
    seen = {row.tobytes() for row in np.concatenate([splits.train.factors_NF,
                                                     splits.validation.factors_NF])}  # fmt: skip
    assert len(splits.test) > 200
    assert not seen & {row.tobytes() for row in splits.test.factors_NF}
    assert np.corrcoef(splits.train.factors_NF[:, [X, Y]].T)[0, 1] > 0.8


def test_that_a_large_world_is_sampled(monkeypatch) -> None:
    monkeypatch.setattr(shapes_source, "MOST_PICTURES", 3_000)
    splits = load_splits("shapes:64,colour,rotation", validation=0)
    assert len(splits.train) + len(splits.test) == 3_000
    assert splits.train.shape == (3, 64, 64)
    assert [factor.name for factor in splits.factors][4:] == ["rotation", "hue"]


def test_that_the_seed_of_the_splits_decides_and_nothing_else(splits: DataSplits) -> None:
    assert load_splits("shapes").fingerprint == splits.fingerprint
    assert load_splits("shapes", seed=1).fingerprint != splits.fingerprint


def test_that_factors_are_part_of_the_fingerprint(splits: DataSplits) -> None:
    test = splits.test
    bare = ImageSet(test.images_NCHW, test.labels_N)
    other = ImageSet(test.images_NCHW, test.labels_N, test.factors_NF[::-1])
    assert len({fingerprint_of(part) for part in (test, bare, other)}) == 3


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("shapes", "shapes"), ("shapes:", "shapes"), ("shapes:32", "shapes"),
        ("shapes:rotation,64", "shapes:64,rotation"),
        ("shapes:Correlated=.70, colour", "shapes:colour,correlated=0.7"),
        ("shapes:correlated=0", "shapes"),
    ],
)  # fmt: skip
def test_that_options_have_one_spelling(typed: str, name: str) -> None:
    assert resolve(typed) == name
    assert is_present(typed)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("shapes:color", "no option 'color'. Did you mean 'colour'?"),
        ("shapes:128", "no option '128'"),
        ("shapes:64,", "no option ''"),
        ("shapes:32,64", "asks for two sizes"),
        ("shapes:correlated=1", "from 0 to below 1; it is '1'"),
        ("shapes:correlated=nan", "from 0 to below 1"),
        ("shapes:correlated=much", "it is 'much'"),
    ],
)
def test_that_a_wrong_option_is_one_sentence(typed: str, sentence: str) -> None:
    assert not is_present(typed)
    with pytest.raises(StudioError) as caught:
        load_splits(typed)
    assert sentence in caught.value.sentence


def test_that_a_stencil_too_small_for_its_shape_would_be_seen(monkeypatch) -> None:
    """The test of the frame above can fail: a shape half as large again loses light at the edge."""
    monkeypatch.setattr(shapes, "RADII", (4.0, 12.0))
    shapes._windows.cache_clear()
    world = ShapeWorld()
    light_N = world.draw(every_combination(world)).sum(axis=(1, 2, 3), dtype=np.int64)
    shapes._windows.cache_clear()
    assert (light_N.reshape(18, 256) != light_N.reshape(18, 256)[:, :1]).any()
