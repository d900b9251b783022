#!/usr/bin/env python3
"""Writes the trained classifier as ONNX and as TorchScript, and checks that both answer as the network does.

npm run train -- cifar10/export
"""

from __future__ import annotations

import argparse
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np
import onnx
import onnxruntime as ort
import torch
from torch.nn.utils.fusion import fuse_conv_bn_eval

from network import Classifier

PROJECT = Path(__file__).resolve().parents[2]
WEIGHTS = PROJECT / ".cache" / "cifar10" / "classifier.pt"
REPOSITORY = PROJECT / "triton-models"
ONNX = REPOSITORY / "cifar10" / "1" / "model.onnx"
TORCHSCRIPT = REPOSITORY / "cifar10_torchscript" / "1" / "model.pt"
OPSET = 18


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--weights", type=Path, default=WEIGHTS)
    parser.add_argument("--onnx", type=Path, default=ONNX)
    parser.add_argument("--torchscript", type=Path, default=TORCHSCRIPT)
    args = parser.parse_args()

    network = Classifier()
    network.load_state_dict(torch.load(args.weights, weights_only=True))
    network = fused(network.eval()).requires_grad_(False)
    for file in (args.onnx, args.torchscript):
        file.parent.mkdir(parents=True, exist_ok=True)
    write_onnx(network, args.onnx)
    write_torchscript(network, args.torchscript)
    check(network, args.onnx, args.torchscript)
    for file in (args.onnx, args.torchscript):
        print(f"{file.name}: {file.stat().st_size} bytes, SHA-256 {hashlib.sha256(file.read_bytes()).hexdigest()}")


def fused(network: torch.nn.Module) -> torch.nn.Module:
    """The same network with each batch normalisation put into the convolution before it."""
    for parent in network.modules():
        if isinstance(parent, torch.nn.Sequential) and any(isinstance(part, torch.nn.BatchNorm2d) for part in parent):
            parent[0] = fuse_conv_bn_eval(parent[0], parent[1])
            parent[1] = torch.nn.Identity()
    return network


def write_onnx(network: torch.nn.Module, file: Path) -> None:
    """ONNX with a free batch dimension, without the names of this machine's files."""
    batch = torch.export.Dim("batch")
    program = torch.onnx.export(
        network,
        (torch.zeros(2, 3, 32, 32),),
        dynamo=True,
        input_names=["INPUT__0"],
        output_names=["OUTPUT__0"],
        dynamic_shapes=({0: batch},),
        opset_version=OPSET,
        external_data=False,
    )
    model = program.model_proto
    del model.metadata_props[:], model.graph.metadata_props[:]
    for node in model.graph.node:
        del node.metadata_props[:]
        node.ClearField("doc_string")
    for part in (*model.graph.value_info, *model.graph.initializer, *model.graph.input, *model.graph.output):
        part.ClearField("doc_string")
        del part.metadata_props[:]
    model.ir_version = min(model.ir_version, 9)
    onnx.checker.check_model(model)
    onnx.save(model, str(file))


def write_torchscript(network: torch.nn.Module, file: Path) -> None:
    """TorchScript without the records that name this machine's files, line by line; the same bytes each time."""
    whole = io.BytesIO()
    torch.jit.save(torch.jit.trace(network, torch.zeros(2, 3, 32, 32)), whole)
    with zipfile.ZipFile(whole) as source, zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as target:
        for record in source.infolist():
            if not record.filename.endswith(".debug_pkl"):
                target.writestr(zipfile.ZipInfo(record.filename), source.read(record))


def check(network: torch.nn.Module, onnx_file: Path, torchscript_file: Path) -> None:
    """Both files answer batches of several sizes as the network does."""
    session = ort.InferenceSession(str(onnx_file), providers=["CPUExecutionProvider"])
    script = torch.jit.load(str(torchscript_file))
    generator = np.random.default_rng(1)
    for count in (1, 3, 32):
        pixels = generator.uniform(-1, 1, (count, 3, 32, 32)).astype(np.float32)
        with torch.inference_mode():
            expected = network(torch.from_numpy(pixels)).numpy()
            by_script = script(torch.from_numpy(pixels)).numpy()
        (by_onnx,) = session.run(["OUTPUT__0"], {"INPUT__0": pixels})
        for name, answer in (("ONNX", by_onnx), ("TorchScript", by_script)):
            worst = float(np.abs(answer - expected).max())
            print(f"{name}, {count} pictures: at most {worst:.2e} off")
            if worst > 1e-4:
                raise SystemExit(f"{name} answers otherwise than the network")


if __name__ == "__main__":
    main()
