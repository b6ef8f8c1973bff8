"""One file a change, named for it; applied in the order that their `down_revision` gives."""
