"""A folder of pictures on the user's disk: found, decoded, cut square, resized, split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vae_studio.data import cache
from vae_studio.data.gather import (
    DEFAULT_SIZE,
    OWN_HELP,
    OWN_LICENCE,
    SHOWN_IN_GREY,
    check_count,
    decoded,
    skipped,
    split_up,
    stacked,
)
from vae_studio.data.image_set import Pictures
from vae_studio.data.label_table import table_of
from vae_studio.data.layout import find_pictures, layout_of
from vae_studio.data.patients import marked
from vae_studio.data.progress import Progress
from vae_studio.data.source import DataEntry, SourcePictures
from vae_studio.imaging.decode import decode_picture
from vae_studio.imaging.resize import resized_to_square
from vae_studio.imaging.window import Window


@dataclass(frozen=True)
class FolderSource:
    """The pictures below ``folder``, shown as ``title`` and remembered by ``name``.

    ``size`` is the side in pixels they get, after the central square is cut out (0: DEFAULT_SIZE).
    ``seed`` decides which tenth is the test set, where the folder has no test/ of its own.
    ``window`` says what of 16-bit pictures is shown; without one, all of it. ``table`` is a CSV
    file of labels, where another is meant than the one that lies with the folder.
    """

    name: str
    title: str
    folder: Path
    size: int = 0
    seed: int = 0
    window: Window | None = None
    table: Path | None = None

    @property
    def entry(self) -> DataEntry:
        """How the folder is shown."""
        return DataEntry(self.name, self.title, OWN_HELP, OWN_LICENCE)

    def find(self, roots: Sequence[Path]) -> Path:
        """The folder itself."""
        return self.folder

    def read(self, place: Path, progress: Progress | None = None) -> SourcePictures:
        """Decode everything; files that cannot be read are skipped and listed in the notes.

        Raises StudioError when too few pictures are left, LoadCancelled when the person cancels.
        """
        table = table_of(self.folder, self.table)
        paths, notes = find_pictures(self.folder, besides=table.path if table else None)
        if table:
            paths, table_notes = table.known_among(paths)
            notes = [*table_notes, *notes]
        check_count(self.folder, len(paths), {})
        images_NCHW, kept, refused, grey_note = self._pictures(paths, progress)
        layout = table.layout(kept) if table else layout_of(kept)
        lost = skipped(refused, len(paths))
        everything = (*lost, *notes, *layout.notes, *grey_note)
        names = [path.as_posix() for path in kept]
        return split_up(images_NCHW, layout, everything, self.seed, names)

    def _pictures(
        self, paths: list[Path], progress: Progress | None
    ) -> tuple[Pictures, list[Path], dict[Path, str], tuple[str, ...]]:
        """The pictures in the files that can be read, those files, why others cannot, a note."""
        if len(paths) < cache.FROM_PICTURES or marked(self.name):  # patients' stay in memory
            pictures, refused = decoded(paths, self._decode, progress)
            check_count(self.folder, len(pictures), refused)
            images_NCHW, grey_note = stacked(list(pictures.values()))
            return images_NCHW, list(pictures), refused, grey_note
        recipe = cache.Recipe(self.folder, self.size or DEFAULT_SIZE, f"square {self.window}")
        ready = cache.prepared(paths, self._decode, recipe, progress)
        check_count(self.folder, len(ready.kept), ready.refused)
        grey_note = (SHOWN_IN_GREY,) if ready.shown_in_grey else ()
        return ready.images, ready.kept, ready.refused, grey_note  # type: ignore[return-value]

    def _decode(self, path: Path) -> Pictures:
        size = self.size or DEFAULT_SIZE
        picture = decode_picture(self.folder / path, at_least=size, window=self.window)
        return resized_to_square(picture[None], size)
