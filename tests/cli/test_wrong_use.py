"""Whatever is wrong with a command line, it gets one sentence, exit code 2 and no traceback."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from vae_studio.cli import COMMANDS, main
from vae_studio.domain import atomic

WRONG = {
    "trian": "did you mean 'train'?",
    "--foo": "no option '--foo'",
    "nope": "no run called 'nope'",
    "nope --seed 3": "no command 'nope'",
    "train --epoch 3": "did you mean '--epochs'?",
    "train --epoch=3": "did you mean '--epochs'?",
    "train --zzz": "see `vae-studio train --help`",
    "train extra": "'extra' is one argument too many",
    "train --epochs": "--epochs needs a value",
    "train --epochs x": "--epochs needs a whole number",
    "train --epochs 0": "--epochs must be at least 1",
    "train --epochs 2.5": "--epochs needs a whole number",
    "train --beta -1": "--beta must be at least 0",
    "train --beta inf": "--beta must be a finite number",
    "train --lr nan": "--lr must be a finite number",
    "train --lr 7": "--lr must be at most 1",
    "train --latent-dim 513": "--latent-dim must be at most 512",
    "train --device gpu": "use one of: auto, cuda, mps, cpu",
    "train --net mpl": "use one of: residual-mlp, mlp, conv",
    "train --likelihood poisson": "--likelihood does not know 'poisson'",
    "train --objective vae2": "--objective does not know 'vae2'",
    "train --schedule steps": "--schedule does not know 'steps'",
    "train --dataset mnits": "Did you mean 'mnist'?",
    "train --dataset ./no/such/folder": "'./no/such/folder' is not a folder of pictures",
    "train --data-dir no-such-folder": "There is no folder 'no-such-folder'",
    "train --schedule-points 0:0,2:1": "'2:1' is none",
    "train --set beta": "'beta' has no =",
    "train --set objective.bta=3": "did you mean 'objective.beta'?",
    "train --set objective.beta=much": "needs a number",
    "train --set model.options.widht=99": "did you mean 'model.options.width'?",
    "train --set model.options.width=3": "must be at least 8",
    "train --net conv --set model.options.blocks=2": "no setting 'model.options.blocks'",
    "evaluate": "RUN is missing",
    "evaluate nope": "`vae-studio runs` lists them",
    "resume nope": "no run called 'nope'",
    "sample": "RUN and --out are missing",
    "sample x --out grid.jpg": "should end in .png",
    "sample x --out no/such/folder/grid.png": "no folder 'no/such/folder'",
    "sample x --out g.png --rows 0": "rows must lie between 1 and 200",
    "sample x --out g.png --rows 2.5": "--rows needs a whole number",
    "sample x --out g.png --temperature inf": "--temperature needs a number",
    "sample x --out g.png --background pink": "use black, white or transparent",
    "sample x --out g.png --page a4": "use one of: grid, slide-16:9, slide-4:3",
    "sample x --out g.png": "no run called 'x'",
    "runs mine": "one argument too many",
    "datasets --data-dir nowhere": "no folder 'nowhere'",
    "bench": "WHAT is missing",
    "bench speed": "WHAT does not know 'speed'",
}


@pytest.mark.parametrize("line", WRONG)
def test_that_wrong_use_gets_one_sentence(
    line: str, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(line.split()) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith("vae-studio: ")
    assert len(told.err.splitlines()) == 1
    assert WRONG[line] in told.err
    assert told.err.rstrip()[-1] in ".?"


def test_that_a_folder_that_is_no_run_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for words in (["evaluate", str(tmp_path)], ["resume", str(tmp_path)], [str(tmp_path)]):
        assert main(words) == 2
        assert f"'{atomic.shown(tmp_path)}' is not a run folder" in capsys.readouterr().err


def test_that_a_full_folder_is_not_taken_for_a_new_run(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "thesis.txt").write_text("do not overwrite")
    assert main(["train", "--out", str(tmp_path)]) == 2
    assert "is not empty" in capsys.readouterr().err
    assert (tmp_path / "thesis.txt").read_text() == "do not overwrite"


def test_that_a_damaged_run_gets_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "manifest.json").write_text('{"schema": [1')
    assert main(["sample", str(tmp_path), "--out", str(tmp_path / "grid.png")]) == 2
    told = capsys.readouterr().err
    assert len(told.splitlines()) == 1


def test_that_an_error_of_the_system_is_a_sentence(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from vae_studio.commands import runs

    def refuse(words: list[str]) -> int:
        raise PermissionError(13, "Permission denied", "somewhere")

    monkeypatch.setattr(runs, "main", refuse)
    assert main(["runs"]) == 2
    assert capsys.readouterr().err == "vae-studio: somewhere: Permission denied.\n"


@pytest.mark.parametrize(
    "line", ["--help", "trian", "train --help", "train --epochs x", "sample x --out g.png"]
)
def test_that_help_and_complaints_load_neither_torch_nor_qt(line: str, tmp_path: Path) -> None:
    program = (
        "import sys\nfrom vae_studio.cli import main\n"
        f"try: main({line.split()!r})\nexcept SystemExit: pass\n"
        "print([name for name in ('torch', 'PySide6') if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path
    )
    assert done.stderr.splitlines()[-1] == "[]"


def test_that_every_command_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    for command in COMMANDS:
        with pytest.raises(SystemExit) as ended:
            main([command, "--help"])
        assert ended.value.code == 0
        assert capsys.readouterr().out.startswith(f"usage: vae-studio {command}")
