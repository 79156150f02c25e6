"""The metrics log: readers keep what came before the first bad line, and nothing is ever cut."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import numpy as np
import pytest
from support.faults import Disk, Killed, faulty

from vae_studio.domain.errors import StudioError
from vae_studio.runs import metrics_log
from vae_studio.runs.metrics_log import MetricsReader, MetricsWriter, decode_line, encode_line


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "metrics").mkdir()
    return tmp_path


def write(root: Path, count: int, *, start: int = 0) -> None:
    log = MetricsWriter(root)
    for step in range(start, start + count):
        log.append({"step": step, "loss": step / 7})
    log.close()


def steps(root: Path) -> list[int]:
    return [record["step"] for record in MetricsReader(root).records]


def test_that_records_come_back_in_order_and_exact(root: Path) -> None:
    write(root, 50)
    records = MetricsReader(root).records
    assert [record["seq"] for record in records] == list(range(50))
    assert [record["loss"] for record in records] == [step / 7 for step in range(50)]


def test_that_every_line_is_json_and_one_write(root: Path) -> None:
    log = MetricsWriter(root)
    with faulty(Disk()) as disk:
        for step in range(5):
            log.append({"step": step})
    assert [name for name, _ in disk.done].count("write") == 5
    lines = (root / "metrics" / "0000.jsonl").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == [0, 1, 2, 3, 4]
    log.close()


def test_that_numpy_and_nan_can_be_recorded_and_the_number_is_the_logs_own(root: Path) -> None:
    line = encode_line({"a": np.float32(0.5), "b": np.ones(2), "c": float("nan"), "seq": 99}, 3)
    assert decode_line(line, 3) == {"seq": 3, "a": 0.5, "b": [1.0, 1.0], "c": None}
    assert decode_line(line, 4) is None


def test_that_a_writer_goes_on_where_the_last_one_stopped(root: Path) -> None:
    write(root, 3)
    write(root, 3, start=3)
    assert steps(root) == [0, 1, 2, 3, 4, 5]
    assert os.listdir(root / "metrics") == ["0000.jsonl"]


def test_that_a_line_cut_off_by_a_kill_does_not_swallow_the_next_writers(root: Path) -> None:
    write(root, 3)
    log = MetricsWriter(root)
    with faulty(Disk(at=4)) as disk, pytest.raises(Killed):  # open, its folder twice, the write
        log.append({"step": 3})
    assert disk.done[3][0] == "write"
    assert not (root / "metrics" / "0000.jsonl").read_bytes().endswith(b"\n")
    write(root, 2, start=3)
    assert steps(root) == [0, 1, 2, 3, 4]
    assert sorted(os.listdir(root / "metrics")) == ["0000.jsonl", "0001.jsonl"]
    log.close()


def test_that_a_file_which_does_not_continue_the_last_one_is_passed_over(root: Path) -> None:
    write(root, 3)
    (root / "metrics" / "0001.jsonl").write_bytes(encode_line({"step": 99}, 7))
    (root / "metrics" / "0002.jsonl").write_bytes(encode_line({"step": 3}, 3))
    (root / "metrics" / "notes.txt").write_bytes(b"not ours")
    assert steps(root) == [0, 1, 2, 3]
    write(root, 1, start=4)
    assert steps(root) == [0, 1, 2, 3, 4]


def test_that_a_rewind_takes_back_and_what_follows_stands(root: Path) -> None:
    write(root, 5)
    log = MetricsWriter(root)
    log.rewind(step=3, seq=3)
    assert steps(root) == [0, 1, 2]
    for step in (3, 4, 5):
        log.append({"step": step})
    log.rewind(step=4, seq=7)
    assert steps(root) == [0, 1, 2, 3]
    log.close()
    assert (root / "metrics" / "0000.jsonl").read_bytes().count(b"\n") == 10  # nothing was cut


def test_that_the_first_record_of_a_step_is_found(root: Path) -> None:
    log = MetricsWriter(root)
    for record in ({"note": "hello"}, {"first_step": 0}, {"step": 7}, {"step": 7}, {"step": 9}):
        log.append(record)
    log.close()
    reader = MetricsReader(root)
    assert [reader.seq_at(step) for step in (0, 1, 7, 8, 9, 10)] == [1, 2, 2, 4, 4, 5]


@pytest.mark.parametrize("rewind", [5, None, {}, {"seq": "x"}, [1]])
def test_that_a_rewind_that_makes_no_sense_is_a_bad_line(root: Path, rewind: object) -> None:
    write(root, 2)
    with open(root / "metrics" / "0000.jsonl", "ab") as file:
        file.write(encode_line({"rewind": rewind}, 2))
    reader = MetricsReader(root)
    assert len(reader.records) == 2
    assert not reader.whole


def test_that_a_full_disk_is_one_sentence_and_the_next_try_goes_on(root: Path) -> None:
    log = MetricsWriter(root)
    log.append({"step": 0})
    with faulty(Disk(1, errno.ENOSPC)), pytest.raises(StudioError, match="disk is full"):
        log.append({"step": 1})
    log.append({"step": 1})
    log.close()
    assert steps(root) == [0, 1]
    assert os.listdir(root / "metrics") == ["0000.jsonl"]


def test_that_a_line_taken_only_in_part_is_written_again_in_a_fresh_file(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = MetricsWriter(root)
    log.append({"step": 0})
    real, takes = os.write, iter([5])
    monkeypatch.setattr(os, "write", lambda file, data: real(file, data[: next(takes, None)]))
    log.append({"step": 1})
    log.append({"step": 2})
    log.close()
    assert steps(root) == [0, 1, 2]


def test_that_a_disk_that_only_ever_takes_a_part_is_reported_as_full(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = MetricsWriter(root)
    log.append({"step": 0})
    real = os.write
    with monkeypatch.context() as patch:
        patch.setattr(os, "write", lambda file, data: real(file, data[:5]))
        with pytest.raises(StudioError, match="disk is full"):
            log.append({"step": 1})
    log.append({"step": 1})
    log.close()
    assert steps(root) == [0, 1]


def test_that_a_failing_sync_is_one_sentence(root: Path) -> None:
    log = MetricsWriter(root)
    log.sync()
    log.append({"step": 0})
    with faulty(Disk(1, errno.EIO)), pytest.raises(StudioError, match="reported an error"):
        log.sync()
    log.close()


def test_that_an_over_long_record_is_refused_and_an_over_long_line_not_read(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(root, 1)
    log = MetricsWriter(root)
    with pytest.raises(StudioError, match="too long"):
        log.append({"text": "x" * 2**20})
    log.append({"step": 1, "text": "x" * 500})
    log.close()
    monkeypatch.setattr(metrics_log, "MAX_LINE", 100)
    assert steps(root) == [0]


def test_that_a_run_without_metrics_has_none(tmp_path: Path) -> None:
    assert MetricsReader(tmp_path).records == []
