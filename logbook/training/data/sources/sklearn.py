"""The sets that scikit-learn ships. The digits come as images of one channel, [N, 1, 8, 8], so that a cnn can read
them; a mlp flattens them by itself."""

from __future__ import annotations

from typing import Any

import numpy as np

from logbook.training.data.sources.raw import WHOLE, Examples, RawData
from logbook_schemas.config.sources import Sklearn

__all__ = ["load_sklearn"]


def load_sklearn(source: Sklearn) -> RawData:
    """Return one of scikit-learn's own sets; nothing is downloaded."""
    import sklearn.datasets

    bunch: Any = getattr(sklearn.datasets, f"load_{source.dataset}")()
    inputs, targets = np.asarray(bunch.data), np.asarray(bunch.target)
    is_image = source.dataset == "digits"
    return RawData(
        label=f"sklearn {source.dataset}",
        parts={WHOLE: Examples(inputs.reshape(-1, 1, 8, 8) if is_image else inputs, targets)},
        columns=() if is_image else tuple(map(str, bunch.feature_names)),
        classes=tuple(map(str, bunch.get("target_names", ()))),
    )
