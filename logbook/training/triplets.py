"""Distances between embeddings, and the triplet loss over them.

Embeddings are [N, D], classes int64 [N]. A triplet is an anchor, a positive (another example of its class) and a
negative (one of another class); an anchor without either counts for nothing. Batch-hard and soft margin are of
Hermans, Beyer and Leibe (2017), semi-hard mining of Schroff, Kalenichenko and Philbin (2015), where a pair without a
semi-hard negative takes the furthest one.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import assert_never

import torch
from torch import Tensor, nn
from torch.nn import functional

from logbook.errors import UserCodeError
from logbook.training.data.class_batches import class_batches
from logbook_schemas.config.metric_learning import Distance, Triplet
from logbook_schemas.records.measures import EmbeddingRecord

__all__ = ["TripletLoss", "measure_embedding", "nearest_neighbours", "pair_distances"]

_ZERO = 1e-12
"""A squared distance below it is 0: rounding of float32 leaves as much, and a root has no slope there."""
_ROWS = 1024


def pair_distances(left: Tensor, right: Tensor, distance: Distance) -> Tensor:
    """Return the distances [N, M] of embeddings [N, D] and [M, D]; where it is 0 it sends no gradient back."""
    if distance == "cosine":
        return 1 - functional.normalize(left, dim=1) @ functional.normalize(right, dim=1).T
    squared = left.square().sum(1)[:, None] + right.square().sum(1)[None] - 2 * left @ right.T
    squared = squared.clamp_min(0)
    if distance == "squared":
        return squared
    is_apart = squared > _ZERO
    return torch.where(is_apart, squared, 1.0).sqrt() * is_apart


class TripletLoss(nn.Module):
    """The triplet loss of a batch, or of a split: the mean over batches of `rows` rows that are drawn from it.

    What is evaluated (without gradients) or has more than `rows` rows is put into batches as training is, under a
    fixed seed: so the loss of a split compares with that of an epoch, and is the same each time.
    """

    def __init__(self, section: Triplet, *, rows: int, per_class: int) -> None:
        super().__init__()
        self._section, self._rows, self._per_class = section, rows, per_class

    def forward(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """Return the mean loss; 0 where no triplet can be made. Raises UserCodeError for outputs not [N, D]."""
        if outputs.ndim != 2 or len(outputs) != len(targets):
            raise UserCodeError(
                f"the model returned outputs of shape {tuple(outputs.shape)}, but loss 'triplet' needs embeddings of"
                f" shape ({len(targets)}, dimensions)"
            )
        with torch.autocast(outputs.device.type, enabled=False):
            outputs = outputs.float()
            if torch.is_grad_enabled() and len(targets) <= self._rows + 1:
                return _loss(self._section, outputs, targets, generator=None)
            fixed = torch.Generator().manual_seed(0)
            blocks = _blocks(targets, rows=self._rows, per_class=self._per_class)
            losses = [_loss(self._section, outputs[rows], targets[rows], generator=fixed) for rows in blocks]
            return torch.stack(losses).mean()


@torch.no_grad()
def measure_embedding(section: Triplet, outputs: Tensor, targets: Tensor, *, rows: int) -> EmbeddingRecord | None:
    """Return the mean distances within classes and between them, and the share of all triplets that still pull.

    A triplet pulls where the negative isn't further away than the positive by the margin (by anything, under a soft
    margin). None where no triplet can be made.
    """
    margin = 0.0 if section.soft_margin else section.margin
    within, between, pulling, triplets = (torch.zeros((), device=outputs.device, dtype=torch.float64) for _ in "1234")
    positives = negatives = 0
    for place in _blocks(targets, rows=rows, per_class=4):
        distances = pair_distances(outputs[place].float(), outputs[place].float(), section.distance)
        positive, negative = _pairs(targets[place])
        anchors, others = positive.nonzero(as_tuple=True)
        gaps = distances[anchors, others][:, None] - distances[anchors]
        pulling += ((gaps + margin > 0) & negative[anchors]).sum()
        triplets += negative[anchors].sum()
        within += distances[positive].sum()
        between += distances[negative].sum()
        positives, negatives = positives + int(positive.sum()), negatives + int(negative.sum())
    if not positives or not negatives or not triplets:
        return None
    return EmbeddingRecord(
        active_triplets=float(pulling / triplets),
        positive_distance=float(within / positives),
        negative_distance=float(between / negatives),
    )


@torch.no_grad()
def nearest_neighbours(outputs: Tensor, distance: Distance) -> Tensor:
    """Return the place of each embedding's nearest other one, int64 [N]; of two equally near ones the first."""
    found = []
    for start in range(0, len(outputs), _ROWS):
        distances = pair_distances(outputs[start : start + _ROWS].float(), outputs.float(), distance)
        own = torch.arange(start, start + len(distances), device=outputs.device)[:, None]
        found.append(distances.scatter(1, own, torch.inf).argmin(1))
    return torch.cat(found)


def _blocks(targets: Tensor, *, rows: int, per_class: int) -> Iterator[Tensor]:
    """Yield the places of batches drawn under a fixed seed, on the device of the targets."""
    order = torch.Generator().manual_seed(0)
    for place in class_batches(targets.cpu(), rows=rows, per_class=per_class, order=order):
        yield place.to(targets.device)


def _pairs(targets: Tensor) -> tuple[Tensor, Tensor]:
    """Return which pairs [N, N] are of one class (and not one example with itself), and which are of two."""
    is_same = targets[:, None] == targets[None]
    itself = torch.eye(len(targets), dtype=torch.bool, device=targets.device)
    return is_same & ~itself, ~is_same


def _loss(section: Triplet, outputs: Tensor, targets: Tensor, *, generator: torch.Generator | None) -> Tensor:
    """Return the loss of one batch; `generator`, on the CPU, draws for random mining, else the global one does."""
    distances = pair_distances(outputs, outputs, section.distance)
    positive, negative = _pairs(targets)
    is_anchor = positive.any(1) & negative.any(1)
    if not bool(is_anchor.any()):
        return distances.sum() * 0
    match section.mining:
        case "batch-all":
            return _of_all(section, distances, positive, negative)
        case "batch-hard":
            gaps = _furthest(distances, positive)[is_anchor] - _nearest(distances, negative)[is_anchor]
        case "semi-hard":
            gaps = _semi_hard(distances, positive & is_anchor[:, None], negative)
        case "random":
            chosen = [_drawn(pairs[is_anchor], generator) for pairs in (positive, negative)]
            nearer, further = (distances[is_anchor].gather(1, places) for places in chosen)
            gaps = (nearer - further).flatten()
        case _:
            assert_never(section.mining)
    return _cost(section, gaps).mean()


def _cost(section: Triplet, gaps: Tensor) -> Tensor:
    return functional.softplus(gaps) if section.soft_margin else (gaps + section.margin).relu()


def _of_all(section: Triplet, distances: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    """Return the mean over the triplets that cost something: the rest would make it vanish as they grow many."""
    anchors, others = positive.nonzero(as_tuple=True)
    costs = _cost(section, distances[anchors, others][:, None] - distances[anchors]) * negative[anchors]
    return costs.sum() / (costs > 0).sum().clamp_min(1)


def _furthest(distances: Tensor, among: Tensor) -> Tensor:
    return distances.masked_fill(~among, -torch.inf).amax(1)


def _nearest(distances: Tensor, among: Tensor) -> Tensor:
    return distances.masked_fill(~among, torch.inf).amin(1)


def _semi_hard(distances: Tensor, positive: Tensor, negative: Tensor) -> Tensor:
    anchors, others = positive.nonzero(as_tuple=True)
    nearer, rows = distances[anchors, others], distances[anchors]
    is_further = negative[anchors] & (rows > nearer[:, None])
    further = torch.where(is_further.any(1), _nearest(rows, is_further), _furthest(rows, negative[anchors]))
    return nearer - further


def _drawn(pairs: Tensor, generator: torch.Generator | None) -> Tensor:
    """Return one place [N, 1] of each row of `pairs`, each that is true as probable as the others."""
    weights = pairs.double()
    if generator is None:
        return torch.multinomial(weights, 1)
    return torch.multinomial(weights.cpu(), 1, generator=generator).to(pairs.device)
