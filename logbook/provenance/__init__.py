"""Where a run comes from: git, environment, code identity, fingerprints of data, the person's callables.

Each capture returns a record and the blobs that it names, `{sha256: content}`. Nothing here imports torch.
"""

from logbook.provenance.blobs import Blobs, content_hash
from logbook.provenance.code import capture_code, code_identity
from logbook.provenance.environment import capture_environment
from logbook.provenance.file_cache import FileCache
from logbook.provenance.fingerprints import fingerprint_arrays, fingerprint_dataset, fingerprint_file
from logbook.provenance.git import capture_git
from logbook.provenance.modules import call_target, load_target
from logbook.provenance.secrets import is_secret_name, mask_arguments, mask_text
from logbook.provenance.user_code import user_code_error

__all__ = [
    "Blobs",
    "FileCache",
    "call_target",
    "capture_code",
    "capture_environment",
    "capture_git",
    "code_identity",
    "content_hash",
    "fingerprint_arrays",
    "fingerprint_dataset",
    "fingerprint_file",
    "is_secret_name",
    "load_target",
    "mask_arguments",
    "mask_text",
    "user_code_error",
]
