"""Writes the trained network as ONNX: batch normalisation folded into the convolutions, a free first dimension."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from network import DigitNet

OPSET, IR = 17, 8
"""Old enough for every onnxruntime since 1.14."""

INPUT, OUTPUT = "input", "output"


def export(network: DigitNet, file: Path) -> None:
    """Writes the network and checks the file; `input` FP32 [B, 1, 28, 28] to `output` FP32 [B, 10]."""
    network.eval()
    nodes, weights = [], []

    def constant(name: str, value: torch.Tensor | np.ndarray) -> str:
        array = value.detach().numpy() if isinstance(value, torch.Tensor) else value
        weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    current = INPUT

    def add(kind: str, *inputs: str, **attributes: object) -> None:
        nonlocal current
        output = OUTPUT if kind == "Gemm" and len(inputs) and inputs[0] == "classify.last.weight" else f"{kind.lower()}.{len(nodes)}"
        nodes.append(helper.make_node(kind, [current, *inputs], [output], **attributes))
        current = output

    layers = list(network.features)
    for index in range(0, len(layers), 4):
        convolution, normalisation = layers[index], layers[index + 1]
        fused = fuse_conv_bn_eval(convolution, normalisation)
        kernel = fused.kernel_size[0]
        name = f"features.{index // 4}"
        pads = [kernel // 2] * 4
        add("Conv", constant(f"{name}.weight", fused.weight), constant(f"{name}.bias", fused.bias), pads=pads)
        add("Relu")
        add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
    hidden, last = (layer for layer in network.classify if isinstance(layer, nn.Linear))
    add("Flatten", axis=1)
    add("Gemm", constant("classify.hidden.weight", hidden.weight), constant("classify.hidden.bias", hidden.bias), transB=1)
    add("Relu")
    add("Gemm", constant("classify.last.weight", last.weight), constant("classify.last.bias", last.bias), transB=1)

    graph = helper.make_graph(
        nodes,
        "mnist",
        [helper.make_tensor_value_info(INPUT, TensorProto.FLOAT, ["batch", 1, 28, 28])],
        [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", 10])],
        weights,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR)
    model.producer_name = "training/mnist"
    onnx.checker.check_model(model, full_check=True)
    file.parent.mkdir(parents=True, exist_ok=True)
    onnx.save(model, str(file))
