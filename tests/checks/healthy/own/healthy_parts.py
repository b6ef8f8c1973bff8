"""Losses and optimizers as people write them by hand."""

import torch
from torch.nn import functional as F


def focal(gamma=2.0):
    def loss(outputs, targets):
        log_p = F.log_softmax(outputs, dim=1).gather(1, targets[:, None]).squeeze(1)
        return (-((1 - log_p.exp()) ** gamma) * log_p).mean()

    return loss


def groups(parameters):
    parameters = list(parameters)
    weights = [p for p in parameters if p.dim() > 1]
    others = [p for p in parameters if p.dim() <= 1]
    return torch.optim.AdamW(
        [{"params": weights, "weight_decay": 0.01}, {"params": others, "weight_decay": 0.0}], lr=0.002
    )
