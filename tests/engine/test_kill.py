"""``kill -9`` at any moment of a real training process costs at most one checkpoint interval."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest
from support.nursery import SAVED_EVERY
from support.trained import numbers

from vae_studio.engine import recorder, session
from vae_studio.runs.folder import RunFolder

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has neither fork nor SIGKILL")

STEPS = 108
WORDS = [
    "train", "--net", "mlp", "--set", "model.options.width=12", "--latent-dim", "3",
    "--epochs", "1",
    "--batch-size", "100", "--precision", "fp32", "--device", "cpu", "--quiet",
]  # fmt: skip
NUMBER = 8  # digits in which a child tells its step
STEP_S = 0.015  # with its share of a checkpoint; a kill may fall anywhere into it


@dataclass
class Nursery:
    """Starts children, and kills them."""

    process: subprocess.Popen[str]
    steps: IO[bytes]

    def start(self, out: Path) -> int:
        """A training child; its process number."""
        assert self.process.stdin is not None
        self.process.stdin.write(json.dumps([*WORDS, "--out", str(out)]) + "\n")
        self.process.stdin.flush()
        pid = int(self.answer())
        assert self.steps.read(NUMBER) == b"0" * NUMBER
        return pid

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def kill(self, pid: int, at: int, late_s: float) -> int:
        """Kill it ``late_s`` after it said that step ``at`` is done; the last step it told."""
        step = 0
        while step < at:
            step = int(self.steps.read(NUMBER))
        moment = time.perf_counter() + late_s
        while time.perf_counter() < moment:
            pass
        os.kill(pid, signal.SIGKILL)
        assert int(self.answer()) == -signal.SIGKILL
        os.set_blocking(self.steps.fileno(), False)
        rest = self.steps.read() or b""
        os.set_blocking(self.steps.fileno(), True)
        return int(rest[-NUMBER:] or step)


@pytest.fixture(scope="module")
def nursery() -> Iterator[Nursery]:
    reader, writer = os.pipe()
    command = (
        f"import os, runpy, sys; os.dup2({writer}, 3); sys.path.insert(0, sys.argv[1]);"
        "runpy.run_module('support.nursery', run_name='__main__')"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", command, str(Path(__file__).parents[1])],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, pass_fds=[writer],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    os.close(writer)
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    with os.fdopen(reader, "rb") as steps:
        yield Nursery(process, steps)
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait() == 0
        process.stdout.close()


@dataclass(frozen=True)
class End:
    """What a run came to: all tensors of its last checkpoint, and all numbers."""

    tensors: dict[str, bytes]
    told: list[tuple]


def end_of(path: Path) -> End:
    folder = RunFolder.open(path)
    assert folder.manifest.state == "done"
    last = folder.load_checkpoint()
    assert last.step == STEPS
    return End({name: value.tobytes() for name, value in last.tensors.items()}, numbers(path))


@pytest.fixture(scope="module")
def whole(nursery: Nursery, tmp_path_factory: pytest.TempPathFactory) -> End:
    """A run that nobody killed."""
    path = tmp_path_factory.mktemp("whole") / "run"
    nursery.start(path)
    while int(nursery.steps.read(NUMBER)) < STEPS:
        pass
    assert int(nursery.answer()) == 0
    return end_of(path)


def survives(nursery: Nursery, path: Path, dice: random.Random) -> tuple[End, int]:
    """Train, kill, resume in this process, to the end; and how many steps the kill cost."""
    pid = nursery.start(path)
    last = nursery.kill(pid, dice.randrange(1, STEPS - 2), dice.uniform(0.0, STEP_S))
    assert RunFolder.open(path).manifest.state in ("interrupted", "done")
    if RunFolder.open(path).manifest.state == "done":
        return end_of(path), 0
    resumed = session.resume_session(path)
    cost = last - resumed.step
    for _ in resumed.run():
        pass
    return end_of(path), cost


KILLS = [
    *[pytest.param(seed, id=str(seed)) for seed in range(5)],
    *[pytest.param(seed, marks=pytest.mark.full, id=str(seed)) for seed in range(5, 50)],
]


@pytest.mark.parametrize("seed", KILLS)
def test_that_a_killed_run_goes_on_as_if_it_never_was(
    seed: int, nursery: Nursery, whole: End, tmp_path: Path
) -> None:
    end, cost = survives(nursery, tmp_path / "run", random.Random(seed))
    assert cost <= SAVED_EVERY
    assert end.tensors == whole.tensors
    assert end.told == whole.told


def test_that_a_run_that_goes_on_without_its_rewind_would_be_noticed(
    nursery: Nursery, whole: End, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recorder.RunFolder, "rewind_metrics", lambda *_: None)
    dice = random.Random(3)
    ends = [survives(nursery, tmp_path / str(n), dice)[0] for n in range(3)]
    assert any(end.told != whole.told for end in ends)
    assert all(end.tensors == whole.tensors for end in ends)
