"""The job that every peer does: V1 body -> images -> one NCHW float32 batch -> Triton -> class indices.
Environment: TRITON_GRPC (host:port), MODEL (cifar10), JPEG_DRAFT (1: decode JPEGs at a reduced scale)."""

import base64
import binascii
import io
import os

import numpy as np
from PIL import Image, UnidentifiedImageError

SIZE = 32
DRAFT = os.environ.get("JPEG_DRAFT") == "1"


class BadInput(ValueError):
    """The client's fault: answer 400."""


def image_bytes(instance) -> bytes:
    try:
        return base64.b64decode(instance["image"]["b64"], validate=True)
    except (KeyError, TypeError, binascii.Error) as error:
        raise BadInput(f'instance without a valid "image.b64": {error}') from error


def to_tensor(data: bytes) -> np.ndarray:
    """Same pixels as kserve_transformer.py."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if DRAFT:
                image.draft("RGB", (2 * SIZE, 2 * SIZE))
            pixels = np.asarray(image.convert("RGB").resize((SIZE, SIZE), Image.Resampling.BILINEAR))
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError) as error:
        raise BadInput(f"image cannot be decoded: {error}") from error
    return ((pixels.astype(np.float32) / 255.0 - 0.5) / 0.5).transpose(2, 0, 1)


def batch_of(instances) -> np.ndarray:
    if not isinstance(instances, list) or not instances:
        raise BadInput('"instances" must be a non-empty list')
    return np.stack([to_tensor(image_bytes(instance)) for instance in instances])


class Upstream:
    """The model on Triton, over gRPC (asyncio)."""

    def __init__(self):
        self.client = None

    async def classes(self, batch: np.ndarray) -> list[int]:
        import tritonclient.grpc.aio as triton  # here, since it cannot live in one process with MLServer

        if self.client is None:  # must be made inside the event loop
            self.client = triton.InferenceServerClient(os.environ["TRITON_GRPC"])
        tensor = triton.InferInput("INPUT__0", batch.shape, "FP32")
        tensor.set_data_from_numpy(batch)
        answer = await self.client.infer(os.environ.get("MODEL", "cifar10"), [tensor])
        return answer.as_numpy("OUTPUT__0").argmax(axis=-1).tolist()
