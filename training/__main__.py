"""python -m training --config training/lite.toml --out runs/lite: train the generators of the `lite` engine.

Data: a folder with stills/ and clips/, and in it or beside it a manifest.csv (columns: file, licence; file relative to
the manifest). See training/README.md. Then: python -m export lite --weights runs/lite/checkpoint.pt
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from reenact.errors import ReenactError
from training.config import ConfigError, read_config
from training.run import Run


def main() -> None:
    """Read what is wanted, and train."""
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("runs/lite"), help="the run's folder")
    parser.add_argument("--steps", type=int, help="instead of the config's")
    start = parser.add_mutually_exclusive_group()
    start.add_argument("--resume", action="store_true", help="go on from the folder's checkpoint")
    start.add_argument("--weights", type=Path, help="begin with the generators of this checkpoint of another run")
    options = parser.parse_args()
    try:
        config = read_config(options.config)
        run = Run(config.model_copy(update={"steps": options.steps} if options.steps else {}), options.out)
        if options.resume != run.checkpoint.exists():
            raise ConfigError(f"{run.checkpoint}: " + ("not there" if options.resume else "there; --resume or --out"))
        if options.resume:
            run.resume()
        elif options.weights:
            run.begin_with(options.weights)
        run.train()
    except (ConfigError, ReenactError, ModuleNotFoundError) as error:
        sys.exit(f"training: {error}")
    print(f"{run.checkpoint}: step {run.step}")


if __name__ == "__main__":
    main()
