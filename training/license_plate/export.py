"""
Writes the trained models as ONNX into triton-models/: python export.py reader

Normalisations are folded into the convolutions. Weights are stored as float16, half as large, and become float32 when the
model is loaded; what that changes is printed, and checked.
"""

import argparse
import copy
import hashlib
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from detector import Decoded, Detector
from paths import DETECTOR_WEIGHTS, MODELS, READER_WEIGHTS
from reader import Reader
from specs import DETECTOR_SIZE, READER_HEIGHT, READER_WIDTH

OPSET = 18
# IR version 9 belongs to onnx 1.14 and is read by every runtime that knows the opset.
IR_VERSION = 9
# Smaller tensors stay as they are.
LEAST_STORED_HALF = 64


def folded(model: nn.Module) -> nn.Module:
    """The same with each convolution's normalisation in its weights."""
    model = copy.deepcopy(model).eval()
    for parent in model.modules():
        if isinstance(parent, nn.Sequential):
            for index in range(len(parent) - 1):
                if isinstance(parent[index], nn.Conv2d) and isinstance(parent[index + 1], nn.BatchNorm2d):
                    parent[index] = fuse_conv_bn_eval(parent[index], parent[index + 1])
                    parent[index + 1] = nn.Identity()
    return model


def halve(model: onnx.ModelProto) -> None:
    """Stores the weights as float16, each with a cast behind it, which runtimes do once, when they load the model."""
    casts = []
    for weight in model.graph.initializer:
        values = numpy_helper.to_array(weight)
        if values.dtype != np.float32 or values.size < LEAST_STORED_HALF:
            continue
        name = weight.name
        weight.CopyFrom(numpy_helper.from_array(values.astype(np.float16), f"{name}.half"))
        casts.append(helper.make_node("Cast", [f"{name}.half"], [name], to=TensorProto.FLOAT))
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend([*casts, *nodes])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kind", choices=["detector", "reader"])
    parser.add_argument("--weights", type=Path, help="default: where the training leaves them")
    parser.add_argument("--out", type=Path, help="default: the model's folder in triton-models/")
    args = parser.parse_args()
    weights = args.weights or {"detector": DETECTOR_WEIGHTS, "reader": READER_WEIGHTS}[args.kind]
    out = args.out or MODELS / f"plate_{args.kind}" / "1" / "model.onnx"
    torch.set_num_threads(1)
    if args.kind == "reader":
        model, names = Reader(), ["characters", "shape"]
        example = torch.randn(2, 1, READER_HEIGHT, READER_WIDTH)
    else:
        model, names = Detector(), ["scores", "boxes", "corners"]
        example = torch.rand(2, 3, DETECTOR_SIZE, DETECTOR_SIZE)
    model.load_state_dict(torch.load(weights, weights_only=True))
    served = folded(model)
    if args.kind == "detector":
        served = Decoded(served)
    out.parent.mkdir(parents=True, exist_ok=True)
    program = torch.onnx.export(
        served,
        (example,),
        input_names=["input"],
        output_names=names,
        opset_version=OPSET,
        dynamo=True,
        dynamic_shapes=({0: torch.export.Dim("batch", min=1, max=4096)},),
        optimize=True,
    )
    written = program.model_proto
    written.ir_version = IR_VERSION
    for node in written.graph.node:
        del node.metadata_props[:]
    del written.graph.value_info[:]
    halve(written)
    written.producer_name, written.producer_version = f"license_plate {args.kind}", ""
    onnx.checker.check_model(written, full_check=True)
    out.write_bytes(written.SerializeToString(deterministic=True))
    session = onnxruntime.InferenceSession(str(out), providers=["CPUExecutionProvider"])
    for count in (1, 3):
        batch = torch.rand(count, *example.shape[1:])
        with torch.no_grad():
            wanted = served(batch)
        for name, ours, theirs in zip(names, session.run(None, {"input": batch.numpy()}), wanted, strict=True):
            print(f"batch of {count}: {name} {ours.shape} differs by {np.abs(ours - theirs.numpy()).max():.2g} at most")
    data = out.read_bytes()
    print(f"{out}: {len(data)} bytes, sha256 {hashlib.sha256(data).hexdigest()}")


if __name__ == "__main__":
    main()
