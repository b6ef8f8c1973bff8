"""The data of a run: source → split → preparation fitted on the training split → tensors; and what probes measure."""

from logbook.training.data.batches import Batch, index_batches, split_batches
from logbook.training.data.loaded import LoadedData, Split
from logbook.training.data.loading import load_data
from logbook.training.data.probe import probe_data

__all__ = ["Batch", "LoadedData", "Split", "index_batches", "load_data", "probe_data", "split_batches"]
