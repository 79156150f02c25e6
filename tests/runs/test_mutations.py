"""Ten thousand changes to each file of a run: what is read is identical, or one clear sentence."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from support.runs import same_tensors

from vae_studio.domain.errors import StudioError
from vae_studio.runs import checkpoint, checkpoint_store, manifest
from vae_studio.runs.checkpoint import CheckpointError
from vae_studio.runs.folder import RunFolder
from vae_studio.runs.manifest import Manifest

COUNTS = [300, pytest.param(10_000, marks=[pytest.mark.full, pytest.mark.timeout(1800)])]
SIGNS = b'0123456789abcdef{}[],":\n \xff\x00tfn-.'
Verdict = Callable[[], str]  # what is wrong with what was read; empty when nothing is


def mutations(data: bytes, count: int, seed: int) -> Iterator[bytes]:
    """Seeded changes: bits, bytes, signs of JSON, pieces lost, doubled, swapped, zeroed, cut."""
    dice = random.Random(seed)
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(dice.choice((1, 1, 1, 3, 10))):
            _mutate(changed, dice)
        if changed != data:
            yield bytes(changed)


def _mutate(data: bytearray, dice: random.Random) -> None:
    at = dice.randrange(len(data)) if data else 0
    piece = slice(at, at + dice.randrange(1, 90))
    match dice.randrange(9) if data else 7:
        case 0:
            data[at] ^= 1 << dice.randrange(8)
        case 1:
            data[at] = dice.randrange(256)
        case 2:
            data[at] = dice.choice(SIGNS)
        case 3:
            del data[piece]
        case 4:
            data[at:at] = data[piece]
        case 5:
            data[piece] = bytes(len(data[piece]))
        case 6:
            other = dice.randrange(len(data))
            data[piece], data[other : other + 9] = data[other : other + 9], data[piece]
        case 7:
            data += dice.randbytes(dice.randrange(1, 30))
        case 8:
            del data[at:]


def faults(file: Path, count: int, seed: int, verdict: Verdict) -> list[str]:
    """What was wrong after each change to ``file``; anything but a StudioError is a crash."""
    sound, found = file.read_bytes(), []
    for number, data in enumerate(mutations(sound, count, seed)):
        file.write_bytes(data)
        try:
            wrong = verdict()
        except StudioError as error:
            told = str(error)
            plain = told.endswith(".") and "\n" not in told and len(told) < 300
            wrong = "" if plain else f"told as: {told}"
        if wrong:
            found.append(f"change {number}: {wrong}")
    file.write_bytes(sound)
    return found


# -- checkpoints -----------------------------------------------------------------------------------


def newest_is_true(run: RunFolder) -> str:
    """The newest good checkpoint is to the bit one that was saved, and an older one says so."""
    found = run.load_checkpoint()
    if not same_tensors(found.tensors, found.step):
        return f"step {found.step} holds other numbers"
    if found.step == 30:
        return "the change was not noticed"
    spoken = len(found.notes) == 2 and "00000030 was passed over" in found.notes[0]
    return "" if found.step == 20 and spoken else f"step {found.step}, {found.notes}"


@pytest.mark.parametrize("count", COUNTS)
def test_that_a_changed_checkpoint_is_passed_over_aloud(trained: RunFolder, count: int) -> None:
    file = trained.path / "checkpoints" / "00000030.safetensors"
    assert faults(file, count, 6, lambda: newest_is_true(trained)) == []


@pytest.mark.parametrize("count", COUNTS)
def test_that_a_changed_checkpoint_asked_for_by_name_is_refused(
    trained: RunFolder, count: int
) -> None:
    file = trained.path / "checkpoints" / "00000020.safetensors"

    def loaded() -> str:
        trained.load_checkpoint("00000020")
        return "the change was not noticed"

    assert faults(file, count, 7, loaded) == []


def test_that_a_reader_without_the_hash_would_take_other_numbers_for_true(
    trained: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def trusting(root: Path, entry: dict) -> checkpoint.Checkpoint:
        data = (root / "checkpoints" / f"{entry['name']}.safetensors").read_bytes()
        return checkpoint.from_bytes(data, entry["name"])

    monkeypatch.setattr(checkpoint_store, "read_file", trusting)
    file = trained.path / "checkpoints" / "00000030.safetensors"
    assert len(faults(file, 300, 6, lambda: newest_is_true(trained))) > 20


@pytest.mark.parametrize("count", COUNTS)
def test_that_the_parser_of_checkpoints_never_crashes(trained: RunFolder, count: int) -> None:
    """Below the hash: bytes that were made to pass it."""
    data = (trained.path / "checkpoints" / "00000030.safetensors").read_bytes()
    read = 0
    for changed in mutations(data, count, 4):
        try:
            checkpoint.from_bytes(changed, "x")
            read += 1
        except CheckpointError:
            continue
    assert read > count / 100  # silent changes exist at this level: that is why there is a hash


# -- manifests -------------------------------------------------------------------------------------


def opened(path: Path, wanted: Manifest) -> str:
    return "" if RunFolder.open(path).manifest == wanted else "read as something else"


@pytest.mark.parametrize("count", COUNTS)
def test_that_a_changed_manifest_is_identical_or_a_clear_error(
    trained: RunFolder, count: int
) -> None:
    wanted = trained.manifest
    file = trained.path / "manifest.json"
    assert faults(file, count, 1, lambda: opened(trained.path, wanted)) == []


def test_that_types_alone_would_let_changed_manifests_through(
    trained: RunFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def by_type(data: bytes, where: str) -> tuple[Manifest, dict[str, Any]]:
        try:
            return msgspec.json.decode(data, type=Manifest), {}
        except (msgspec.MsgspecError, UnicodeDecodeError):
            raise StudioError("Wrong type.") from None

    monkeypatch.setattr(manifest, "parse", by_type)
    file, wanted = trained.path / "manifest.json", trained.manifest
    assert len(faults(file, 300, 1, lambda: opened(trained.path, wanted))) > 5


# -- metrics ---------------------------------------------------------------------------------------


@pytest.fixture
def measured(new_run: Callable[..., RunFolder]) -> RunFolder:
    """A run of twenty records, some taken back."""
    run = new_run("measured")
    for step in range(20):
        run.append_metrics({"step": step, "loss": step / 7, "text": "β"})
    run.rewind_metrics(15)
    for step in range(15, 18):
        run.append_metrics({"step": step, "loss": step / 9})
    return run


def histories(run: RunFolder) -> list[list[dict]]:
    """What a reader could have seen after each record was written."""
    seen: list[list[dict]] = [[]]
    for step in range(20):
        seen.append([*seen[-1], {"seq": step, "step": step, "loss": step / 7, "text": "β"}])
    seen.append(seen[-1][:15])
    for step in range(15, 18):
        seen.append([*seen[-1], {"seq": 6 + step, "step": step, "loss": step / 9}])
    assert seen[-1] == run.read_metrics()
    return seen


def told(read: Callable[[], list[dict]], allowed: list[list[dict]]) -> str:
    return "" if read() in allowed else "not what was ever recorded"


@pytest.mark.parametrize("count", COUNTS)
def test_that_changed_metrics_are_what_was_once_recorded(measured: RunFolder, count: int) -> None:
    allowed, file = histories(measured), measured.path / "metrics" / "0000.jsonl"
    assert faults(file, count, 2, lambda: told(measured.read_metrics, allowed)) == []


def test_that_metrics_without_check_sums_would_be_false(measured: RunFolder) -> None:
    allowed, file = histories(measured), measured.path / "metrics" / "0000.jsonl"

    def trusting() -> list[dict]:
        records: list[dict] = []
        for line in file.read_bytes().splitlines():
            try:
                records.append({k: v for k, v in json.loads(line).items() if k != "crc32"})
            except (ValueError, AttributeError):
                return records
        return records

    assert len(faults(file, 300, 2, lambda: told(trusting, allowed))) > 10
