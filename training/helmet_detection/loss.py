"""What the network's raw maps are judged by.

Boxes by DIoU (Zheng et al., "Distance-IoU Loss", AAAI 2020), classes and objectness by binary cross entropy; a cell's
objectness is to be the IoU of its box, as in YOLOv5, so that the better of two boxes has the higher confidence.
"""

import torch
from torch.nn.functional import binary_cross_entropy_with_logits as cross_entropy

from network import CLASSES, rows

BOX_WEIGHT = 4.0


def loss_of(maps, targets):
    """The loss of a batch, by each positive cell."""
    total, count = maps[0].new_zeros(()), 0
    for level, raw in enumerate(maps):
        raw = raw.float()
        decoded = rows(raw, level)
        flat = raw.flatten(2).transpose(1, 2)
        wanted = torch.zeros(flat.shape[:2])
        asked = torch.ones(flat.shape[:2])
        for index, (cells, boxes, classes, unasked) in enumerate(targets[level]):
            asked[index, unasked] = 0
            if len(cells) == 0:
                continue
            overlap, distance = iou_and_distance(decoded[index, cells, :4], torch.from_numpy(boxes).float())
            total = total + BOX_WEIGHT * (1 - overlap + distance).sum()
            one_hot = torch.nn.functional.one_hot(torch.from_numpy(classes), CLASSES).float()
            total = total + cross_entropy(flat[index, cells, 5:], one_hot, reduction="sum")
            wanted[index, cells] = overlap.detach().clamp(0, 1)
            count += len(cells)
        total = total + (cross_entropy(flat[..., 4], wanted, reduction="none") * asked).sum()
    return total / max(1, count)


def iou_and_distance(xywh, boxes):
    """IoU of each box with its own, and the squared distance of their middles over that of the hull's corners."""
    half = xywh[:, 2:] / 2
    low, high = xywh[:, :2] - half, xywh[:, :2] + half
    shared = (torch.minimum(high, boxes[:, 2:]) - torch.maximum(low, boxes[:, :2])).clamp(min=0).prod(dim=1)
    both = (high - low).prod(dim=1) + (boxes[:, 2:] - boxes[:, :2]).prod(dim=1)
    hull = torch.maximum(high, boxes[:, 2:]) - torch.minimum(low, boxes[:, :2])
    apart = xywh[:, :2] - (boxes[:, 2:] + boxes[:, :2]) / 2
    return shared / (both - shared + 1e-9), (apart**2).sum(dim=1) / ((hull**2).sum(dim=1) + 1e-9)
