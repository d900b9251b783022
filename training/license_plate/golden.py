"""
Writes test/fixtures/license_plate/golden.json: what Pillow, numpy and onnxruntime make of samples/license_plate, by the
models of triton-models, whose checksums stand beside. Nothing of the service is used.
"""

import hashlib
import json

from PIL import UnidentifiedImageError

from chain import Chain, open_upright
from make_samples import PICTURES
from paths import GOLDEN, MODELS, SAMPLES


def rounded(value):
    """The same with every number of six decimals."""
    if isinstance(value, float):
        return round(value, 6)
    if isinstance(value, list):
        return [rounded(entry) for entry in value]
    return {key: rounded(entry) for key, entry in value.items()} if isinstance(value, dict) else value


def main() -> None:
    chain = Chain(MODELS)
    drawn = {f"{name}.jpg": [plate.text for plate in plates] for name, _, plates, _ in PICTURES}
    pictures = {}
    for path in sorted(SAMPLES.glob("*.jpg")):
        try:
            answer = rounded(chain.answer(open_upright(path)))
        except UnidentifiedImageError:
            continue
        pictures[path.name] = {"drawn": drawn[path.name], "plates": answer}
    checksums = {
        name: hashlib.sha256((MODELS / name / "1" / "model.onnx").read_bytes()).hexdigest()
        for name in ("plate_detector", "plate_reader")
    }
    GOLDEN.parent.mkdir(parents=True, exist_ok=True)
    GOLDEN.write_text(json.dumps({"model_sha256": checksums, "pictures": pictures}, indent=1, ensure_ascii=False) + "\n")
    for name, picture in pictures.items():
        read = [plate["text"] for plate in picture["plates"]]
        print(name, picture["drawn"], read, "" if sorted(read) == sorted(picture["drawn"]) else "OTHER THAN DRAWN")


if __name__ == "__main__":
    main()
