"""Batches out of a file are those out of memory, and the thread that gathers them ends."""

from __future__ import annotations

import os
import threading
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch

from vae_studio.data.cache_file import PictureFile
from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.domain.config import RunConfig, TrainConfig
from vae_studio.domain.errors import StudioError
from vae_studio.domain.events import RunFailed, RunFinished
from vae_studio.engine import batches
from vae_studio.engine.batches import BatchStream, as_tensor, fits
from vae_studio.engine.trainer import Trainer

CPU = torch.device("cpu")


def mapped(images_NCHW: np.ndarray, path: Path) -> np.ndarray:
    """The same pictures, out of a file."""
    path.write_bytes(images_NCHW.tobytes())
    sums_N = np.array([zlib.crc32(np.ascontiguousarray(x).data) for x in images_NCHW], np.uint32)
    return PictureFile(path, images_NCHW.shape[1:], len(images_NCHW), sums_N).mapped()


@pytest.fixture
def images(tmp_path: Path) -> tuple[np.ndarray, np.ndarray]:
    """103 pictures in memory, and the same in a file."""
    pixels = np.random.default_rng(0).integers(0, 256, (103, 3, 5, 4)).astype(np.uint8)
    return pixels, mapped(pixels, tmp_path / "pictures.u8")


def stream(images_NCHW: np.ndarray, batch_size: int = 10) -> BatchStream:
    told = np.eye(len(images_NCHW), 4, dtype=np.float32)
    return BatchStream(images_NCHW, conditions_NK=told, batch_size=batch_size, seed=5, device=CPU)


def threads() -> list[str]:
    return [t.name for t in threading.enumerate() if t.name.startswith("next-batch")]


@pytest.mark.parametrize("batch_size", [1, 10, 103, 500])
def test_that_a_file_gives_the_bits_that_memory_gives(batch_size: int, images) -> None:
    resident, read = (stream(some, batch_size) for some in images)
    for step in range(2 * resident.steps_per_epoch + 3):
        ours, theirs = read.batch(step), resident.batch(step)
        assert torch.equal(ours.x_BCHW, theirs.x_BCHW)
        assert torch.equal(ours.condition_BK, theirs.condition_BK)
    read.close()


def test_that_steps_may_be_asked_for_in_any_order(images) -> None:
    resident, read = (stream(some) for some in images)
    kept = {}
    for step in (0, 1, 1, 7, 6, 40, 41, 10, 11, 12, 0):
        kept[step] = read.batch(step).x_BCHW
    for step, pictures in kept.items():  # and no later batch has written into an earlier one
        assert torch.equal(pictures, resident.batch(step).x_BCHW)
    read.close()


@pytest.mark.parametrize("buffers", [2, 1])
def test_that_the_batch_ahead_is_not_written_over_the_one_in_hand(buffers: int, images) -> None:
    """With one buffer it is: the second case shows that this test can fail."""
    in_memory, in_file = images
    ahead = batches.Ahead(in_file, 4)
    ahead._buffers = ahead._buffers[:buffers]
    now, then = np.arange(4), np.arange(50, 54)
    pictures = ahead.take(0, now, then)
    ahead._coming[1].result()  # the next ones are there
    assert np.array_equal(pictures, in_memory[now]) == (buffers == 2)
    ahead.close()


def test_that_the_thread_ends_when_told_and_starts_again_when_asked(images) -> None:
    read = stream(images[1])
    assert threads() == []
    first = read.batch(0).x_BCHW
    assert len(threads()) == 1
    read.close()
    assert threads() == []
    assert torch.equal(read.batch(0).x_BCHW, first)
    read.close()
    read.close()


def test_that_a_stream_that_is_dropped_leaves_no_thread(images) -> None:
    read = stream(images[1])
    read.batch(0)
    (left,) = [t for t in threading.enumerate() if t.name.startswith("next-batch")]
    del read
    left.join(5.0)
    assert not left.is_alive()


def test_that_the_gathering_thread_knows_no_torch(images, monkeypatch) -> None:
    """Any torch function called beside the main thread would be seen."""
    used: list[str] = []

    class Watch(torch.overrides.TorchFunctionMode):
        def __torch_function__(self, function, types, args=(), kwargs=None):
            used.append(threading.current_thread().name)
            return function(*args, **(kwargs or {}))

    gathered = batches._gathered

    def watched(*arguments):
        with Watch():
            assert threading.current_thread().name.startswith("next-batch")
            return gathered(*arguments)

    monkeypatch.setattr(batches, "_gathered", watched)
    read = stream(images[1])
    for step in range(5):
        read.batch(step)
    read.close()
    assert used == []


def test_that_pictures_too_large_for_a_device_stay_off_it(images, monkeypatch) -> None:
    in_memory, in_file = images
    cuda = torch.device("cuda")
    assert fits(in_memory, CPU)
    assert not fits(in_file, CPU)
    for free, answer in ((2 * in_memory.nbytes, True), (2 * in_memory.nbytes - 1, False)):
        monkeypatch.setattr(batches, "free_bytes", lambda _, free=free: free)
        assert fits(in_memory, cuda) is fits(in_file, cuda) is answer


def test_that_pictures_in_memory_can_be_gathered_as_well(images, monkeypatch) -> None:
    resident = stream(images[0])
    monkeypatch.setattr(batches, "fits", lambda *_: False)
    gathered = stream(images[0])
    for step in range(13):
        assert torch.equal(gathered.batch(step).x_BCHW, resident.batch(step).x_BCHW)
    gathered.close()


def test_that_a_tensor_of_a_file_is_a_copy_that_may_be_written(images) -> None:
    tensor = as_tensor(images[1][5:9])
    assert torch.equal(tensor, torch.from_numpy(images[0][5:9]))
    tensor.zero_()
    assert images[1][5:9].any()


def in_files(splits: DataSplits, path: Path) -> DataSplits:
    from dataclasses import replace

    train = splits.train.showing(mapped(splits.train.images_NCHW, path))
    return replace(splits, train=train)


def short_run() -> RunConfig:
    return RunConfig(train=TrainConfig(epochs=2, batch_size=50, device="cpu", precision="fp32"))


def test_that_a_run_out_of_a_file_ends_at_the_same_weights(
    tiny_splits: DataSplits, tmp_path: Path
) -> None:
    weights = []
    for splits in (tiny_splits, in_files(tiny_splits, tmp_path / "train.u8")):
        trainer = Trainer(short_run(), splits)
        events = list(trainer.run())
        assert isinstance(events[-1], RunFinished)
        weights.append(trainer.vae.state_dict())
    assert threads() == []
    for name, tensor in weights[0].items():
        assert torch.equal(tensor, weights[1][name]), name


@pytest.mark.parametrize("damage", ["rot", "cut", "gone"])
def test_that_a_file_that_changes_during_a_run_is_one_sentence(
    damage: str, tiny_splits: DataSplits, tmp_path: Path
) -> None:
    path = tmp_path / "train.u8"
    trainer = Trainer(short_run(), in_files(tiny_splits, path))
    events, seen = trainer.run(), []
    while trainer.step < 3:
        seen.append(next(events))
    if damage == "rot":
        path.write_bytes(bytes(path.stat().st_size))
    elif damage == "cut":
        os.truncate(path, 10)
    else:
        path.unlink()  # an open file stays readable where the system lets one delete it
    seen += list(events)
    assert threads() == []
    ends = [event for event in seen if isinstance(event, RunFailed | RunFinished)]
    if damage == "gone":
        assert isinstance(ends[-1], RunFinished)
    else:
        assert "changed or damaged on the disk (picture" in ends[-1].sentence
        assert "train.u8" in ends[-1].sentence


def test_that_a_missing_file_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"gone\.u8' could not be read: it or its folder"):
        PictureFile(tmp_path / "gone.u8", (1, 2, 2), 3)


def test_that_slices_of_a_set_in_a_file_stay_in_it(images) -> None:
    whole = ImageSet(images[1])
    assert torch.equal(
        as_tensor(whole.slice(90, 200).images_NCHW), torch.from_numpy(images[0][90:])
    )
