"""Where a run comes from: git, environment, code identity.

Each capture returns a record and the blobs that it names, `{sha256: content}`. Nothing here imports torch.
"""

from logbook.provenance.blobs import Blobs, content_hash
from logbook.provenance.code import capture_code, code_identity, code_of_run
from logbook.provenance.environment import capture_environment
from logbook.provenance.git import capture_git
from logbook.provenance.secrets import is_secret_name, mask_arguments, mask_text

__all__ = [
    "Blobs",
    "capture_code",
    "capture_environment",
    "capture_git",
    "code_identity",
    "code_of_run",
    "content_hash",
    "is_secret_name",
    "mask_arguments",
    "mask_text",
]
