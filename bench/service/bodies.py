"""Writes the benchmark's request bodies from the photos in the scikit-image wheel.

    python bodies.py WHEEL FOLDER

Pictures: 32x32 (cifar), 640x480 (vga), 1920x1080 (hd), all JPEG of quality 90; vga8 is eight different photos of 640x480.
For each NAME: NAME.v1.json (base64), NAME.raw (the picture, or multipart/form-data), NAME.v2.bin and NAME.v2.head (a BYTES
tensor behind JSON of so many bytes, input "image"), NAME.bls.bin and NAME.bls.head (the same, input "IMAGE"), and
NAME.text.json (base64 in the Open Inference Protocol, as MLServer takes it). tensor.bin and tensor.head: the 32x32
picture's tensor, ready made, for Triton itself.
"""

import base64
import io
import json
import pathlib
import struct
import sys
import zipfile

import numpy as np
from PIL import Image, ImageOps

PHOTOS = ["astronaut.png", "coffee.png", "chelsea.png", "rocket.jpg",
          "motorcycle_left.png", "motorcycle_right.png", "hubble_deep_field.jpg", "ihc.png"]
BOUNDARY = "benchmark-boundary"


def jpeg(photo, width, height):
    out = io.BytesIO()
    ImageOps.fit(photo, (width, height), Image.Resampling.LANCZOS).save(out, "JPEG", quality=90)
    return out.getvalue()


def multipart(images):
    parts = [(f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="files"; filename="{number}.jpg"\r\n'
              f"Content-Type: image/jpeg\r\n\r\n").encode() + image + b"\r\n" for number, image in enumerate(images)]
    return b"".join(parts) + f"--{BOUNDARY}--\r\n".encode()


def tensor_body(name, shape, datatype, raw, extra):
    entry = {"name": name, "shape": shape, "datatype": datatype, "parameters": {"binary_data_size": len(raw)}}
    head = json.dumps({"inputs": [entry], **extra}).encode()
    return head + raw, str(len(head)).encode()


def main():
    wheel, folder = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        photos = [Image.open(io.BytesIO(archive.read(f"skimage/data/{name}"))).convert("RGB") for name in PHOTOS]
    vga = [jpeg(photo, 640, 480) for photo in photos]
    pictures = {"cifar": [jpeg(photos[2], 32, 32)], "vga": vga[:1], "hd": [jpeg(photos[0], 1920, 1080)], "vga8": vga}

    files = {}
    for name, images in pictures.items():
        texts = [base64.b64encode(image).decode() for image in images]
        raw = b"".join(struct.pack("<I", len(image)) + image for image in images)
        files[f"{name}.v1.json"] = json.dumps({"instances": [{"image": {"b64": text}} for text in texts]}).encode()
        files[f"{name}.raw"] = images[0] if len(images) == 1 else multipart(images)
        files[f"{name}.v2.bin"], files[f"{name}.v2.head"] = tensor_body("image", [len(images)], "BYTES", raw, {
            "outputs": [{"name": "OUTPUT__0", "parameters": {"binary_data": True}}]})
        files[f"{name}.bls.bin"], files[f"{name}.bls.head"] = tensor_body("IMAGE", [len(images), 1], "BYTES", raw, {})
        entry = {"name": "IMAGE", "shape": [len(images), 1], "datatype": "BYTES", "parameters": {"content_type": "base64"}}
        files[f"{name}.text.json"] = json.dumps({"inputs": [dict(entry, data=texts)]}).encode()

    pixels = np.asarray(Image.open(io.BytesIO(pictures["cifar"][0])).convert("RGB"), dtype=np.float32)
    tensor = ((pixels / 255 - 0.5) / 0.5).transpose(2, 0, 1)[None].copy()
    files["tensor.bin"], files["tensor.head"] = tensor_body(
        "INPUT__0", list(tensor.shape), "FP32", tensor.tobytes(), {"parameters": {"binary_data_output": True}})
    for name, data in files.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
