"""The worker on its thread: requests between batches, and what goes wrong in one."""

from __future__ import annotations

import numpy as np

from vae_studio.domain.config import RunConfig, with_value
from vae_studio.domain.grid import SampleGridSpec
from vae_studio.domain.phase import Phase
from vae_studio.domain.plane import LatentPlane
from vae_studio.domain.reports import TilesWanted
from vae_studio.export.provenance import read_provenance

LONG_MS = 30_000


def _long(config: RunConfig) -> RunConfig:
    return with_value(config, "train.epochs", 10_000)


def _until(qtbot, worker, phase: Phase, ask) -> None:
    with qtbot.waitSignal(
        worker.phase_changed, timeout=LONG_MS, check_params_cb=lambda now: now is phase
    ):
        ask()


def test_that_a_run_goes_through_its_phases_to_the_end(qtbot, worker, desk, config) -> None:
    phases = []
    worker.phase_changed.connect(phases.append)
    with qtbot.waitSignal(worker.run_finished, timeout=LONG_MS) as finished:
        desk.run.emit(config)
    qtbot.waitUntil(lambda: phases[-1:] == [Phase.DONE], timeout=LONG_MS)
    assert phases == [Phase.PREPARING, Phase.RUNNING, Phase.DONE]
    assert finished.args[0].summary["test"]["images"] == 2000


def test_that_a_code_is_decoded_while_training_and_while_paused(
    qtbot, worker, desk, config
) -> None:
    _until(qtbot, worker, Phase.RUNNING, lambda: desk.run.emit(_long(config)))
    with qtbot.waitSignal(worker.code_decoded, timeout=LONG_MS) as moving:
        desk.code.emit(np.zeros(2, np.float32))
    _until(qtbot, worker, Phase.PAUSED, desk.pause.emit)
    with qtbot.waitSignal(worker.code_decoded, timeout=LONG_MS) as held:
        desk.code.emit(np.zeros(2, np.float32))
    with qtbot.waitSignal(worker.code_decoded, timeout=LONG_MS) as again:
        desk.code.emit(np.zeros(2, np.float32))
    assert moving.args[0].picture.shape == (28, 28, 1)
    assert held.args[0].step == again.args[0].step
    assert np.array_equal(held.args[0].picture, again.args[0].picture)


def test_that_of_many_codes_the_newest_is_answered(qtbot, worker, desk, config) -> None:
    _until(qtbot, worker, Phase.RUNNING, lambda: desk.run.emit(_long(config)))
    _until(qtbot, worker, Phase.PAUSED, desk.pause.emit)
    answers = []
    worker.code_decoded.connect(answers.append)
    for index in range(200):
        desk.code.emit(np.full(2, index, np.float32))
    qtbot.waitUntil(lambda: bool(answers) and answers[-1].code_D[0] == 199, timeout=LONG_MS)
    assert len(answers) < 100


def test_that_one_batch_is_one_batch(qtbot, worker, desk, config) -> None:
    chunks = []
    worker.batches_trained.connect(chunks.append)
    for count in (1, 2, 3):
        with qtbot.waitSignal(worker.batches_trained, timeout=LONG_MS):
            desk.batch.emit(config)
        assert sum(len(chunk.loss) for chunk in chunks) == count
    with qtbot.waitSignal(worker.code_decoded, timeout=LONG_MS) as decoded:
        desk.code.emit(np.zeros(2, np.float32))
    assert decoded.args[0].step == 3


def test_that_a_wrong_setting_is_told_and_the_next_run_works(qtbot, worker, desk, config) -> None:
    with qtbot.waitSignal(worker.request_failed, timeout=LONG_MS) as failed:
        desk.run.emit(with_value(config, "model.options.depth", 99))
    assert "at most 12" in failed.args[0].sentence
    with qtbot.waitSignal(worker.run_finished, timeout=LONG_MS):
        desk.run.emit(config)


def test_that_a_missing_set_is_told_with_its_name(qtbot, worker, desk, config) -> None:
    with qtbot.waitSignal(worker.request_failed, timeout=LONG_MS) as failed:
        desk.run.emit(with_value(config, "data.dataset", "mnits"))
    assert "mnits" in failed.args[0].sentence


def test_that_a_second_run_is_refused_while_one_is_under_way(qtbot, worker, desk, config) -> None:
    _until(qtbot, worker, Phase.RUNNING, lambda: desk.run.emit(_long(config)))
    with qtbot.waitSignal(worker.request_failed, timeout=LONG_MS) as failed:
        desk.run.emit(config)
    assert "under way" in failed.args[0].sentence


def test_that_a_failing_batch_fails_the_run_and_keeps_the_model(
    qtbot, worker, desk, config, monkeypatch
) -> None:
    from vae_studio.engine.objectives.beta_vae import Objective

    honest, seen = Objective.__call__, []

    def breaks_later(self, *arguments):
        seen.append(1)
        if len(seen) > 20:
            raise RuntimeError("no")
        return honest(self, *arguments)

    monkeypatch.setattr(Objective, "__call__", breaks_later)
    with qtbot.waitSignal(worker.run_failed, timeout=LONG_MS) as failed:
        desk.run.emit(_long(config))
    assert "RuntimeError" in failed.args[0].sentence
    with qtbot.waitSignal(worker.code_decoded, timeout=LONG_MS):
        desk.code.emit(np.zeros(2, np.float32))
    monkeypatch.undo()
    with qtbot.waitSignal(worker.run_finished, timeout=LONG_MS):
        desk.run.emit(config)


def test_that_the_preview_is_the_file(qtbot, worker, desk, config, tmp_path) -> None:
    with qtbot.waitSignal(worker.run_finished, timeout=LONG_MS):
        desk.run.emit(config)
    spec = SampleGridSpec(rows=3, columns=4, seed=7, title="Three by four")
    with qtbot.waitSignal(worker.grid_previewed, timeout=LONG_MS) as preview:
        desk.preview.emit(spec)
    target = tmp_path / "grid.png"
    with qtbot.waitSignal(worker.grid_exported, timeout=LONG_MS) as exported:
        desk.export.emit(spec, str(target))
    assert target.read_bytes() == preview.args[0].png
    assert exported.args[0].size_px == preview.args[0].size_px
    assert read_provenance(target).seed == 7


def test_that_an_impossible_target_leaves_one_sentence(
    qtbot, worker, desk, config, tmp_path
) -> None:
    with qtbot.waitSignal(worker.run_finished, timeout=LONG_MS):
        desk.run.emit(config)
    with qtbot.waitSignal(worker.request_failed, timeout=LONG_MS) as failed:
        desk.export.emit(SampleGridSpec(), str(tmp_path / "no such folder" / "grid.png"))
    assert "grid.png" in failed.args[0].sentence or "no such folder" in failed.args[0].sentence


def test_that_the_live_pictures_come_and_follow_the_model(qtbot, worker, desk, config) -> None:
    plane = LatentPlane.of_units(0, 1, np.zeros(2, np.float32))
    tiles, points, pairs, samples = [], [], [], []
    worker.tiles_decoded.connect(tiles.append)
    worker.codes_encoded.connect(points.append)
    worker.reconstructed.connect(pairs.append)
    worker.sampled.connect(samples.append)
    _until(qtbot, worker, Phase.RUNNING, lambda: desk.run.emit(_long(config)))
    desk.tiles.emit(TilesWanted(plane, (-3, 3, -2, 2), 4, 6))
    for reports in (tiles, points, pairs, samples):
        qtbot.waitUntil(lambda reports=reports: len(reports) >= 3, timeout=LONG_MS)
        steps = [report.step for report in reports]
        assert steps == sorted(steps)
        assert steps[-1] > steps[0]
    assert tiles[0].mosaic.shape == (4 * 28, 6 * 28, 1)
    assert points[0].mean_ND.shape == points[0].sigma_ND.shape == (2000, 2)


def test_that_tiles_lie_where_the_plane_says(qtbot, worker, desk, config) -> None:
    """The tile at row r and column c is the decoded code of that cell's centre."""
    with qtbot.waitSignal(worker.run_finished, timeout=LONG_MS):
        desk.run.emit(config)
    plane, extent = LatentPlane.of_units(0, 1, np.zeros(2, np.float32)), (-3.0, 3.0, -2.0, 2.0)
    with qtbot.waitSignal(worker.tiles_decoded, timeout=LONG_MS) as tiles:
        desk.tiles.emit(TilesWanted(plane, extent, 4, 6))
    code = plane.code_at(-3 + 2.5, 2 - 1.5)  # column 2, row 1
    with qtbot.waitSignal(worker.code_decoded, timeout=LONG_MS) as decoded:
        desk.code.emit(code)
    tile = tiles.args[0].mosaic[28:56, 56:84]
    difference = np.abs(tile.astype(int) - decoded.args[0].picture.astype(int))
    assert difference.max() <= 1  # another batch size may round another way


def test_that_beta_turned_while_training_reaches_the_batches(qtbot, worker, desk, config) -> None:
    betas = []
    worker.batches_trained.connect(lambda chunk: betas.extend(chunk.beta.tolist()))
    _until(qtbot, worker, Phase.RUNNING, lambda: desk.run.emit(_long(config)))
    with qtbot.waitSignal(worker.knob_turned, timeout=LONG_MS):
        desk.knob.emit("objective.beta", 6.0)
    qtbot.waitUntil(lambda: 6.0 in betas, timeout=LONG_MS)


def test_that_a_stopped_run_can_be_opened_again(qtbot, worker, desk, config, home) -> None:
    _until(qtbot, worker, Phase.RUNNING, lambda: desk.run.emit(_long(config)))
    with qtbot.waitSignal(worker.run_finished, timeout=LONG_MS) as finished:
        desk.stop.emit()
    assert finished.args[0].stopped
    run = next((home / "runs").iterdir())
    with qtbot.waitSignal(worker.model_changed, timeout=LONG_MS) as model:
        desk.open.emit(str(run))
    assert model.args[0].units == 2
    assert model.args[0].step == finished.args[0].step


def test_that_shutting_down_saves_the_run_under_way(qtbot, worker, desk, config, home) -> None:
    from vae_studio.runs.folder import RunFolder

    _until(qtbot, worker, Phase.RUNNING, lambda: desk.run.emit(_long(config)))
    with qtbot.waitSignal(worker.shut, timeout=LONG_MS):
        desk.shut.emit()
    folder = RunFolder.open(next((home / "runs").iterdir()))
    assert folder.manifest.state == "stopped"
    assert len(folder.manifest.checkpoints) == 1
