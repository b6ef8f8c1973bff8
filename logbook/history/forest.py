"""What a random forest makes of settings together: a rank correlation looks at one at a time, and misses what two do.

Each setting's share is how much worse the forest predicts the ranks of runs that it hasn't seen once that setting's
values are shuffled among them (permutation importance: L. Breiman, Random forests, Machine Learning 45, 2001).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pydantic import JsonValue

__all__ = ["FEWEST", "forest_shares"]

FEWEST = 20
"""Runs below which a forest has nothing to learn from: five folds of four."""

_FOLDS = 5
_TREES = 100
_MOST = 2_000
"""Runs that a forest is grown on: more take seconds, and say the same."""


def forest_shares(
    settings: Sequence[Mapping[str, JsonValue]], ranks: Sequence[float], paths: Sequence[str], *, seed: int = 0
) -> tuple[float, dict[str, float]]:
    """Return the R² of a forest on runs that it hasn't seen, and by path what is lost of it without that setting.

    Of more than 2,000 runs a seeded sample is taken.
    """
    import numpy as np
    from sklearn.ensemble import RandomForestRegressor

    chance = np.random.default_rng(seed)
    chosen = chance.permutation(len(settings))[:_MOST]
    wanted = np.array([ranks[place] for place in chosen], dtype=float)
    columns, owner = _columns([settings[place] for place in chosen], paths)
    total = float(((wanted - wanted.mean()) ** 2).sum()) or 1.0
    left = 0.0
    lost = dict.fromkeys(paths, 0.0)
    for fold in range(_FOLDS):
        unseen = np.arange(len(wanted)) % _FOLDS == fold
        forest = RandomForestRegressor(_TREES, min_samples_leaf=2, random_state=seed + fold)
        forest.fit(columns[~unseen], wanted[~unseen])
        here = columns[unseen]
        base = _error(forest, here, wanted[unseen])
        left += base
        for path in paths:
            shuffled = here.copy()
            mine = np.array([one == path for one in owner])
            shuffled[:, mine] = here[chance.permutation(len(here))][:, mine]
            lost[path] += _error(forest, shuffled, wanted[unseen]) - base
    return 1 - left / total, {path: max(value, 0.0) / total for path, value in lost.items()}


def _error(forest: Any, columns: Any, wanted: Any) -> float:
    return float(((forest.predict(columns) - wanted) ** 2).sum())


def _columns(settings: Sequence[Mapping[str, JsonValue]], paths: Sequence[str]) -> tuple[Any, list[str]]:
    """Return settings as a table [N, K] of floats, and the path that each column is of.

    A number is one column; of anything else each value is one, 1 where a run has it. NaN where a run lacks a number.
    """
    import json

    import numpy as np

    columns, owner = [], []
    for path in paths:
        values = [one.get(path) for one in settings]
        known = [value for value in values if value is not None]
        if known and all(isinstance(value, int | float) and not isinstance(value, bool) for value in known):
            columns.append([np.nan if value is None else float(value) for value in values])  # type: ignore[arg-type]
            owner.append(path)
            continue
        texts = [json.dumps(value, sort_keys=True) for value in values]
        for text in dict.fromkeys(texts):
            columns.append([float(one == text) for one in texts])
            owner.append(path)
    return np.array(columns, dtype=float).T, owner
