"""reenact: one picture and an actor in, the moving avatar out."""

from __future__ import annotations

import os

os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")  # ONNX Runtime calls home otherwise; it looks once, on its import
