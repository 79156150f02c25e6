"""Sets that do not fit into memory: how fast they are prepared, and what learning from them costs.

Every training is a process of its own, so that the memory of one is not that of another. One file
of a million pictures serves all of them; smaller sets are its beginning.
"""

from __future__ import annotations

import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from PIL import Image

from vae_studio.bench.machine import machine
from vae_studio.data import cache
from vae_studio.data.cache_file import PictureFile, Pictures
from vae_studio.data.image_set import DataSplits, ImageSet
from vae_studio.domain.config import ModelConfig, RunConfig, TrainConfig
from vae_studio.imaging.decode import decode_picture
from vae_studio.imaging.resize import resized_to_square

SHAPE = (3, 64, 64)
JPEG_SIZE = (178, 218)  # as CelebA's
JPEGS = 4_000
TILE = 6_000  # different pictures; the rest of the file repeats them
COUNTS = (6_000, 20_000, 60_000, 600_000, 1_000_000)
SECONDS, WARM_STEPS = 15.0, 20
CHILD = "import sys; from vae_studio.bench.data import child; child(*sys.argv[1:])"


def measure(*, data_dir: Path | None = None) -> dict[str, Any]:
    """Pictures per second while preparing; then, per size of the set: memory, the share of a step
    that waits for pictures, and the time of an epoch.

    ``epoch_seconds`` is what an epoch takes at the measured pace, its order included.
    """
    home = cache.cache_home()
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=home) as made:
        folder = Path(made)
        preparing = _preparing(folder)
        counts = _that_fit(folder)
        _write_tiled(folder / "tiled.u8", counts[-1])
        turns = {count: _turn(folder / "tiled.u8", counts[-1], count) for count in counts}
    return {**preparing, **_compared(turns), "net": "12288-400-20, batch 128, fp32",
            "by_count": {f"{count:,}": turn for count, turn in turns.items()},
            "machine": machine()}  # fmt: skip


def _preparing(folder: Path) -> dict[str, Any]:
    """JPEGs per second into the file, and what Pillow alone decodes with as many threads."""
    jpegs = folder / "jpegs"
    jpegs.mkdir()
    paths = _write_jpegs(jpegs)

    def small(path: Path) -> Pictures:
        return resized_to_square(decode_picture(jpegs / path)[None], SHAPE[1])

    def decode_only(path: Path) -> None:
        with Image.open(jpegs / path) as image:
            image.load()

    speeds: dict[str, list[float]] = {"ours": [], "limit": []}
    for turn in range(3):
        began = time.perf_counter()
        recipe = cache.Recipe(jpegs, SHAPE[1], f"bench {turn}")
        ready = cache.prepared(paths, small, recipe, None)
        speeds["ours"].append(len(paths) / (time.perf_counter() - began))
        shutil.rmtree(ready.images.store.folder)
        began = time.perf_counter()
        with ThreadPoolExecutor(psutil.cpu_count() or 1) as pool:
            list(pool.map(decode_only, paths))
        speeds["limit"].append(len(paths) / (time.perf_counter() - began))
    shares = [a / b for a, b in zip(speeds["ours"], speeds["limit"], strict=True)]
    return {
        "jpegs_per_second": round(statistics.median(speeds["ours"])),
        "jpegs_per_second_decode_only": round(statistics.median(speeds["limit"])),
        "share_of_decode_limit": round(statistics.median(shares), 2),
    }


def _write_jpegs(folder: Path) -> list[Path]:
    """Smooth colours with a little noise: about as many bytes as a photograph of a face."""
    draw = np.random.default_rng(0)
    paths = []
    for number in range(JPEGS):
        coarse = Image.fromarray(draw.integers(0, 256, (14, 11, 3)).astype(np.uint8))
        smooth = np.asarray(coarse.resize(JPEG_SIZE, Image.Resampling.BICUBIC), np.float32)
        noisy = np.clip(smooth + draw.normal(0, 3, smooth.shape), 0, 255).astype(np.uint8)
        paths.append(Path(f"{number:06}.jpg"))
        Image.fromarray(noisy).save(folder / paths[-1], quality=90)
    return paths


def _that_fit(folder: Path) -> list[int]:
    """The sizes of sets for which the disk has room."""
    free = shutil.disk_usage(folder).free
    return [count for count in COUNTS if 1.2 * count * np.prod(SHAPE) < free]


def _tile() -> Pictures:
    """Different smooth pictures (TILE, C, H, W)."""
    draw = np.random.default_rng(1)
    coarse = draw.integers(0, 256, (TILE, 3, 8, 8)).astype(np.uint8)
    return coarse.repeat(8, axis=2).repeat(8, axis=3)


def _write_tiled(path: Path, count: int) -> None:
    tile_NCHW = _tile()
    with path.open("wb") as file:
        for start in range(0, count, TILE):
            file.write(tile_NCHW[: count - start].data)


def _tiled(path: Path, written: int, count: int) -> ImageSet:
    sums_N = np.array([zlib.crc32(picture.data) for picture in _tile()], np.uint32)
    file = PictureFile(path, SHAPE, written, np.resize(sums_N, written))
    return ImageSet(file.mapped()[:count])


def _turn(path: Path, written: int, count: int) -> dict[str, float]:
    words = [sys.executable, "-c", CHILD, str(path), str(written), str(count), str(SECONDS)]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.strip().splitlines()[-1])  # type: ignore[no-any-return]


def child(path: str, written: str, count: str, seconds: str) -> None:
    """Train on the beginning of the file for a while, and print what that cost."""
    from vae_studio.engine.trainer import Trainer

    train = _tiled(Path(path), int(written), int(count))
    none = train.slice(0, 0)
    config = RunConfig(
        model=ModelConfig(  # steps are short: hard to hide behind
            net="mlp", latent_dim=20, options={"width": 400, "depth": 1, "activation": "relu"}
        ),
        train=TrainConfig(batch_size=128, epochs=1_000, device="cpu", precision="fp32"),
    )
    splits = DataSplits("tiled", "tiled", train, none, none, (), fingerprint="")
    trainer = Trainer(config, splits)
    events = trainer.run()
    while trainer.step < WARM_STEPS:
        next(events)
    began, steps, waited = time.perf_counter(), trainer.step, trainer.batches.waited_s
    images, rss = trainer.images_trained, []
    while time.perf_counter() - began < float(seconds):
        next(events)
        rss.append(psutil.Process().memory_info().rss)
    spent = time.perf_counter() - began
    pace = (trainer.images_trained - images) / spent
    began = time.perf_counter()
    trainer.batches._order_of(1)
    order_s = time.perf_counter() - began
    print(json.dumps({
        "memory_mb": round(statistics.median(rss) / 1e6),
        "images_per_second": round(pace),
        "step_ms": round(1e3 * spent / (trainer.step - steps), 2),
        "waiting_share": round((trainer.batches.waited_s - waited) / spent, 4),
        "epoch_seconds": round(int(count) / pace + order_s, 1),
    }), flush=True)  # fmt: skip
    trainer.batches.close()


def _compared(turns: dict[int, dict[str, float]]) -> dict[str, float]:
    """The largest set for which there was room against a small one."""
    memory = [turns[count]["memory_mb"] for count in turns if count >= 20_000]
    seconds = [turns[count]["epoch_seconds"] / count for count in turns if count <= 600_000]
    return {
        "memory_growth": round(memory[-1] / memory[0] - 1, 3) if memory else 0.0,
        "epoch_seconds_per_picture_spread": round(max(seconds) / min(seconds) - 1, 3),
        "waiting_share_max": max(turn["waiting_share"] for turn in turns.values()),
    }
