"""Writes the trained detector as ONNX: export.py --weights FOLDER/weights.pt --out MODEL.onnx

Batch normalisation goes into the convolutions, weights are stored as float16 and cast back to float32 when the model is
loaded; rows are decoded inside the graph, so that the output is YOLOv5's: [B, 8000, 5 + classes] in input pixels.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
import torch
from torch import nn

from network import BASE_PX, CLASSES, MAX_SHIFT, STRIDES, Detector, cell_middles

INPUT_PX = 640
OPSET = 17
IR_VERSION = 8


class Graph:
    """An ONNX graph that grows node by node."""

    def __init__(self):
        self.nodes, self.weights = [], []

    def add(self, kind, inputs, **attributes):
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, values):
        name = f"constant_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(values), name))
        return name

    def weight(self, values):
        """Float16 in the file; the runtime casts it once, when it loads the model."""
        return self.add("Cast", [self.constant(values.astype(np.float16))], to=TensorProto.FLOAT)

    def conv(self, x, block):
        """A block of convolution, batch normalisation and ReLU, or a convolution alone."""
        layer = block[0] if isinstance(block, nn.Sequential) else block
        weight, bias = folded(layer, block[1]) if isinstance(block, nn.Sequential) else (layer.weight, layer.bias)
        inputs = [x, self.weight(weight.detach().numpy()), self.weight(bias.detach().numpy())]
        made = self.add("Conv", inputs, kernel_shape=list(layer.kernel_size), strides=list(layer.stride),
                        pads=list(layer.padding) * 2)
        return self.add("Relu", [made]) if isinstance(block, nn.Sequential) else made

    def stage(self, x, stage):
        x = self.conv(x, stage[0])
        for residual in list(stage)[1:]:
            x = self.add("Add", [x, self.conv(self.conv(x, residual.narrow), residual.look)])
        return x

    def grown(self, x):
        return self.add("Resize", [x, "", self.constant(np.array([1, 1, 2, 2], dtype=np.float32))], mode="nearest",
                        coordinate_transformation_mode="asymmetric", nearest_mode="floor")

    def rows(self, raw, level):
        cells = (INPUT_PX // STRIDES[level]) ** 2
        flat = self.add("Reshape", [raw, self.constant(np.array([0, 5 + CLASSES, cells]))])
        likely = self.add("Sigmoid", [self.add("Transpose", [flat], perm=[0, 2, 1])])
        xy, wh, rest = self.split(likely)
        side = INPUT_PX // STRIDES[level]
        reach = 2 * MAX_SHIFT * STRIDES[level]
        least = cell_middles(side, side, level).numpy()[None] - np.float32(reach / 2)
        moved = self.add("Mul", [xy, self.constant(np.float32(reach))])
        xy = self.add("Add", [moved, self.constant(least)])
        size = self.add("Mul", [self.add("Mul", [wh, wh]), self.constant(np.float32(4 * BASE_PX[level]))])
        return self.add("Concat", [xy, size, rest], axis=2)

    def split(self, likely):
        names = [f"{part}_{len(self.nodes)}" for part in ("xy", "wh", "rest")]
        parts = self.constant(np.array([2, 2, 1 + CLASSES]))
        self.nodes.append(helper.make_node("Split", [likely, parts], names, axis=2))
        return names


def folded(layer, norm):
    """The weights of a convolution with what follows it in training."""
    scale = norm.weight / torch.sqrt(norm.running_var + norm.eps)
    return layer.weight * scale[:, None, None, None], norm.bias - norm.running_mean * scale


def build(net):
    graph = Graph()
    x8 = graph.stage(graph.conv("images", net.stem), net.stage8)
    x16 = graph.stage(x8, net.stage16)
    x32 = graph.stage(x16, net.stage32)
    y16 = graph.conv(graph.add("Add", [x16, graph.grown(graph.conv(x32, net.from32))]), net.at16)
    y8 = graph.conv(graph.add("Add", [x8, graph.grown(graph.conv(y16, net.from16))]), net.at8)
    both = [graph.rows(graph.conv(y, out), level) for level, (y, out) in enumerate([(y8, net.out8), (y16, net.out16)])]
    graph.nodes.append(helper.make_node("Concat", both, ["output0"], axis=1))
    count = sum((INPUT_PX // stride) ** 2 for stride in STRIDES)
    made = helper.make_graph(
        graph.nodes, "helmet_detection",
        [helper.make_tensor_value_info("images", TensorProto.FLOAT, ["batch", 3, INPUT_PX, INPUT_PX])],
        [helper.make_tensor_value_info("output0", TensorProto.FLOAT, ["batch", count, 5 + CLASSES])], graph.weights)
    model = helper.make_model(made, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION,
                              producer_name="training/helmet_detection/export.py")
    onnx.checker.check_model(model)
    return model


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--out", required=True)
    given = parser.parse_args()
    detector = Detector().eval()
    detector.load_state_dict(torch.load(given.weights, weights_only=True))
    written = build(detector).SerializeToString()
    Path(given.out).write_bytes(written)
    print(f"{given.out}: {len(written)} bytes, sha256 {hashlib.sha256(written).hexdigest()}")
