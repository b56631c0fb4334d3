"""The `lite` engine's graphs: the warp alone, and the warp with the regions that a generator paints."""
