"""The network and its loss, as configured and as built."""
