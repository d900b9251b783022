"""Where the programs here put things: what can be made again under .cache, what the project keeps in its own folders."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

CACHE = ROOT / ".cache" / "license_plate"
DATA = CACHE / "data"
DETECTOR_WEIGHTS = CACHE / "detector.pt"
READER_WEIGHTS = CACHE / "reader.pt"

MODELS = ROOT / "triton-models"
SAMPLES = ROOT / "samples" / "license_plate"
GOLDEN = ROOT / "test" / "fixtures" / "license_plate" / "golden.json"
