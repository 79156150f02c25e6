"""Train the model that the app shows at its first start, and bundle it in resources/examples.

    python packaging/make_examples.py

Trained on the bundled pictures with a fixed seed. The optimiser's state is left out: an example is
for looking at, and it would triple the size.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from vae_studio.domain.config import ModelConfig, RunConfig, TrainConfig, to_dict
from vae_studio.domain.events import RunFailed
from vae_studio.engine.session import start_session
from vae_studio.runs.folder import RunFolder

EXAMPLES = Path(__file__).resolve().parents[1] / "resources" / "examples"
NAME = "fashion-map"
CONFIG = RunConfig(
    model=ModelConfig(net="mlp", latent_dim=2, options={"width": 256, "depth": 2}),
    train=TrainConfig(epochs=60, seed=1, precision="fp32", device="cpu"),
)
MAX_BYTES = 3_000_000


def main() -> None:
    """Train, keep the weights only, and replace the bundled example."""
    with tempfile.TemporaryDirectory() as scratch:
        trained = _train(Path(scratch) / "trained")
        slim = _slim(trained, Path(scratch) / NAME)
        size = sum(file.stat().st_size for file in slim.rglob("*") if file.is_file())
        if size > MAX_BYTES:
            raise SystemExit(f"{NAME} has {size:,} bytes; at most {MAX_BYTES:,} are bundled.")
        shutil.rmtree(EXAMPLES / NAME, ignore_errors=True)
        shutil.copytree(slim, EXAMPLES / NAME)
    print(f"{NAME}: {size:,} bytes")


def _train(folder: Path) -> RunFolder:
    for event in start_session(CONFIG, out=folder, name=NAME).run():
        if isinstance(event, RunFailed):
            raise SystemExit(event.sentence)
    return RunFolder.open(folder)


def _slim(trained: RunFolder, folder: Path) -> Path:
    """A finished run folder with the same weights, facts and summary, and nothing else."""
    checkpoint = trained.load_checkpoint()
    weights = {name: value for name, value in checkpoint.tensors.items() if name[:6] == "model."}
    with RunFolder.create_at(
        folder, name=NAME, config=to_dict(CONFIG), resolved=trained.manifest.resolved
    ) as slim:
        slim.save_checkpoint(checkpoint.step, weights, dict(checkpoint.scalars))
        slim.write_summary(trained.read_summary() or {})
        slim.update(state="done")
    return folder


if __name__ == "__main__":
    main()
