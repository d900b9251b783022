"""The BERT encoder in plain PyTorch, and the sentence embedding on top of it.

Written from the papers: BERT (Devlin et al., NAACL 2019, arXiv:1810.04805), whose layers are those of the Transformer
(Vaswani et al., 2017, arXiv:1706.03762) with layer normalisation behind each residual; MiniLM (Wang et al., 2020,
arXiv:2002.10957) is the same network, smaller; the embedding is the mean over the tokens, scaled to length 1
(Sentence-BERT, Reimers & Gurevych, EMNLP 2019, arXiv:1908.10084).
"""

import json
import math
import struct
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional

# float32's most negative number: what hides a token from the softmax without making a row of hidden ones NaN.
HIDDEN = torch.finfo(torch.float32).min


def read_safetensors(file: Path) -> dict[str, torch.Tensor]:
    """The float32 tensors of a .safetensors file: 8 bytes of length, that much JSON, then the data."""
    data = bytearray(file.read_bytes())
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8 : 8 + length])
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__" or entry["dtype"] != "F32":
            continue
        begin, end = entry["data_offsets"]
        part = torch.frombuffer(data, dtype=torch.float32, count=(end - begin) // 4, offset=8 + length + begin)
        tensors[name] = part.reshape(entry["shape"]).clone()
    return tensors


class Layer(nn.Module):
    """Self-attention and a feed-forward network, each with its residual and layer normalisation."""

    def __init__(self, width: int, heads: int, inner: int, epsilon: float):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
        self.attended = nn.Linear(width, width)
        self.attended_norm = nn.LayerNorm(width, eps=epsilon)
        self.inner = nn.Linear(width, inner)
        self.outer = nn.Linear(inner, width)
        self.outer_norm = nn.LayerNorm(width, eps=epsilon)

    def forward(self, x: torch.Tensor, hidden: torch.Tensor) -> torch.Tensor:
        """`x` [B, L, width]; `hidden` [B, 1, 1, L] is added to the attention's logits."""
        batch, length, width = x.shape
        split = lambda y: y.reshape(batch, length, self.heads, width // self.heads).transpose(1, 2)
        query, key, value = split(self.query(x)), split(self.key(x)), split(self.value(x))
        logits = query @ key.transpose(-1, -2) / math.sqrt(width // self.heads)
        mixed = (torch.softmax(logits + hidden, dim=-1) @ value).transpose(1, 2).reshape(batch, length, width)
        x = self.attended_norm(x + self.attended(mixed))
        return self.outer_norm(x + self.outer(functional.gelu(self.inner(x))))


class Encoder(nn.Module):
    """Token ids and their mask to sentence embeddings [B, width] of length 1."""

    def __init__(self, config: dict):
        super().__init__()
        width, epsilon = config["hidden_size"], config["layer_norm_eps"]
        self.words = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Embedding(config["max_position_embeddings"], width)
        self.types = nn.Embedding(config["type_vocab_size"], width)
        self.norm = nn.LayerNorm(width, eps=epsilon)
        sizes = (width, config["num_attention_heads"], config["intermediate_size"], epsilon)
        self.layers = nn.ModuleList(Layer(*sizes) for _ in range(config["num_hidden_layers"]))

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        """Both int64 [B, L]; all tokens are of the first sentence, so of type 0."""
        x = self.norm(self.words(ids) + self.positions.weight[: ids.shape[1]] + self.types.weight[0])
        hidden = (1.0 - mask.to(torch.float32))[:, None, None, :] * HIDDEN
        for layer in self.layers:
            x = layer(x, hidden)
        weights = mask.to(torch.float32)[:, :, None]
        return functional.normalize((x * weights).sum(1) / weights.sum(1).clamp(min=1e-9), dim=1)


# Where this module keeps what a BERT checkpoint calls by these names.
_NAMES = {
    "embeddings.word_embeddings": "words",
    "embeddings.position_embeddings": "positions",
    "embeddings.token_type_embeddings": "types",
    "embeddings.LayerNorm": "norm",
}
_LAYER_NAMES = {
    "attention.self.query": "query",
    "attention.self.key": "key",
    "attention.self.value": "value",
    "attention.output.dense": "attended",
    "attention.output.LayerNorm": "attended_norm",
    "intermediate.dense": "inner",
    "output.dense": "outer",
    "output.LayerNorm": "outer_norm",
}


def load_encoder(folder: Path) -> Encoder:
    """The encoder with the weights of model.safetensors; every weight of ours is filled, by name."""
    config = json.loads((folder / "config.json").read_text())
    encoder = Encoder(config)
    names = dict(_NAMES)
    for layer in range(config["num_hidden_layers"]):
        names.update({f"encoder.layer.{layer}.{k}": f"layers.{layer}.{v}" for k, v in _LAYER_NAMES.items()})
    state = {}
    for name, tensor in read_safetensors(folder / "model.safetensors").items():
        module, _, kind = name.rpartition(".")
        if module in names:
            state[f"{names[module]}.{kind}"] = tensor
    encoder.load_state_dict(state)
    return encoder.eval()
