"""Put the weights of the 2D pose estimator into assets/pose. Run by hand when they change; the program never does.

The two BlazePose networks are inside the wheel of mediapipe 0.10.21 (Apache-2.0), later wheels do not have them. The
wheel is downloaded with pip and only unpacked, never installed. Both files are checked against their SHA-256.

    python scripts/vendor_pose.py [--wheel mediapipe-0.10.21-....whl]
"""

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

PACKAGE = "mediapipe==0.10.21"
FILES = {
    "pose_detection.tflite": (
        "mediapipe/modules/pose_detection/pose_detection.tflite",
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
    ),
    "pose_landmark_full.tflite": (
        "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
    ),
}
LICENSE = "mediapipe-0.10.21.dist-info/LICENSE"
NOTICE = """BlazePose 2D pose estimation networks
Copyright The MediaPipe Authors (Google)

pose_detection.tflite and pose_landmark_full.tflite are unchanged copies of the files of the same names in the Python
package mediapipe 0.10.21, which is distributed under the Apache License 2.0 (see LICENSE in this folder).
They were taken from the package with scripts/vendor_pose.py, which also holds their SHA-256.
"""


def download(folder: Path) -> Path:
    command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--dest", str(folder)]
    # These files are the same in every platform's wheel; ask for one that exists for any machine that runs this.
    platform = ["--platform", "manylinux_2_28_x86_64", "--python-version", "3.11", "--implementation", "cp"]
    subprocess.run([*command, *platform, PACKAGE], check=True)
    return next(folder.glob("mediapipe-*.whl"))


def vendor(wheel: Path, target: Path) -> None:
    target.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        for name, (member, sha256) in FILES.items():
            data = archive.read(member)
            found = hashlib.sha256(data).hexdigest()
            if found != sha256:
                raise SystemExit(f"{name} has SHA-256 {found}, expected {sha256}; nothing was written for it.")
            (target / name).write_bytes(data)
            print(f"{target / name}  {len(data):,} bytes")
        (target / "LICENSE").write_bytes(archive.read(LICENSE))
    (target / "NOTICE").write_text(NOTICE, encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", type=Path, help="a wheel that is already here")
    target = Path(__file__).resolve().parents[1] / "assets" / "pose"
    wheel = parser.parse_args().wheel
    with tempfile.TemporaryDirectory() as scratch:
        vendor(wheel or download(Path(scratch)), target)


if __name__ == "__main__":
    main()
