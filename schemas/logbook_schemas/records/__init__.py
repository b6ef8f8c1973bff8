"""What is measured, said and judged about a run: what probes return and the store keeps."""
