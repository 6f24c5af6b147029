"""Listen to the sample's music, watch its video, and put what was found beside them: the first start waits for neither.

    PYTHONPATH=. python scripts/sample_features.py

Run it after make_sample.py has made a new video or new music. The files are those of the user's cache, named by
content and recipe.
"""

import shutil
import tempfile
from pathlib import Path

from genmo_studio import paths
from genmo_studio.extract.known_music import shipped_features
from genmo_studio.extract.music import extract_music
from genmo_studio.extract.video import extract_video

SUFFIXES = {".ogg", ".wav", ".flac", ".mp3"}


def main() -> None:
    target = shipped_features()
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        for path in sorted((paths.assets() / "sample").iterdir()):
            if path.suffix in SUFFIXES:
                *_, found = extract_music(path, cache=Path(folder))
                print(path.name, getattr(found, "tempo_bpm", None))
            if path.suffix == ".mp4":
                *_, track = extract_video(path, cache=Path(folder))
                print(path.name, getattr(track, "notes", None))
        for file in (*(Path(folder) / "music").iterdir(), *(Path(folder) / "keypoints").iterdir()):
            shutil.copy(file, target)
            print(file.name, file.stat().st_size)


if __name__ == "__main__":
    main()
