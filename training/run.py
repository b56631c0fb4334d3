"""A training run: its folder, its loop, its checkpoints, its curves and sheets."""

from __future__ import annotations

import json
import subprocess
import time
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from export.lite.generator import eye_generator, mouth_generator
from export.lite.regions import Region
from reenact.lite.regions import EYE_SIDE, MOUTH_SIDE
from training.config import Config, ConfigError
from training.perceptual import open_features
from training.pictures import save_curves, save_sheet
from training.pool import Pool
from training.trainee import Trainee


class Run:
    """Everything that a step needs."""

    def __init__(self, config: Config, folder: Path) -> None:
        torch.manual_seed(config.seed)
        torch.set_num_threads(config.threads)
        self.config, self.folder, self.step = config, folder, 0
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.features = open_features().to(self.device, memory_format=torch.channels_last)
        mouth, eyes = Region(mouth_generator(), MOUTH_SIDE), Region(eye_generator(), EYE_SIDE)
        self.trainees = {
            "mouth": Trainee(mouth, config, self.device, mirror=True),
            "eyes": Trainee(eyes, config, self.device, mirror=False),
        }
        folder.mkdir(parents=True, exist_ok=True)

    @property
    def checkpoint(self) -> Path:
        return self.folder / "checkpoint.pt"

    def resume(self) -> None:
        """From the checkpoint in the folder; the pool begins anew, with other samples."""
        state = torch.load(self.checkpoint, map_location=self.device, weights_only=True)
        self.step = state["step"]
        for name, trainee in self.trainees.items():
            trainee.restore(state[name])

    def begin_with(self, checkpoint: Path) -> None:
        """With the generators of another run instead of new ones.

        Raises:
            ConfigError: no checkpoint, or one of other networks.
        """
        try:
            state = torch.load(checkpoint, map_location=self.device, weights_only=True)
            for name, trainee in self.trainees.items():
                trainee.begin_with(state[name])
        except (OSError, EOFError, UnpicklingError, KeyError, TypeError, RuntimeError) as error:
            raise ConfigError(f"{checkpoint}: wanted a checkpoint of a run of this kind; give another file") from error

    def train(self) -> None:
        """To the last step."""
        pool = Pool(self.config, self.config.seed + self.step)
        rng = torch.Generator().manual_seed(self.config.seed + self.step)
        began, first = time.monotonic(), self.step
        with _progress() as progress:
            task = progress.add_task("training", total=self.config.steps, completed=self.step)
            while self.step < self.config.steps:
                batch = dict(zip(self.trainees, pool.batch(), strict=True))
                losses = {
                    name: t.learn(batch[name], self.features, self.step, rng) for name, t in self.trainees.items()
                }
                self.step += 1
                progress.update(task, completed=self.step)
                if self.step % self.config.log_every == 0:
                    speed = (self.step - first) * self.config.batch / (time.monotonic() - began)
                    self._log({"step": self.step, "samples_per_second": round(speed, 1)} | losses | self._look(batch))
                if self.step % self.config.save_every == 0 or self.step == self.config.steps:
                    self._save(batch)

    def _look(self, batch: dict[str, Any]) -> dict[str, Any]:
        return {f"{name}_left": t.look(batch[name], self.features)[1] for name, t in self.trainees.items()}

    def _log(self, row: dict[str, Any]) -> None:
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as log:
            log.write(json.dumps(row) + "\n")

    def _save(self, batch: dict[str, Any]) -> None:
        """Checkpoint, curves and a sheet; the old checkpoint stays until the new one is whole."""
        state: dict[str, Any] = {"step": self.step, "revision": revision(), "config": self.config.model_dump_json()}
        part = self.checkpoint.with_suffix(".part")
        torch.save(state | {name: trainee.state() for name, trainee in self.trainees.items()}, part)
        part.replace(self.checkpoint)
        save_curves(self.folder / "log.jsonl", self.folder / "curves.png")
        for name, trainee in self.trainees.items():
            save_sheet(self.folder / f"{name}.png", trainee.look(batch[name], self.features)[0])


def revision() -> str:
    """The commit that is checked out, with a + where files differ from it."""
    git = ("git", "-C", str(Path(__file__).parent))
    try:
        commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True).stdout.strip()
        changed = subprocess.run([*git, "status", "--porcelain", "-uno"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return commit + ("+" if changed.stdout.strip() else "")


def _progress() -> Progress:
    return Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
