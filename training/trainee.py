"""One generator that learns, with the discriminator that it learns from."""

from __future__ import annotations

import copy
from typing import Any

import torch
from torch import Tensor, nn

from export.lite.regions import Region
from training.augment import mirrored, recoloured
from training.config import Config
from training.losses import Discriminator, Painted, discriminator_loss, generator_loss
from training.pairs import Views
from training.perceptual import Features, distance

FIRST = "down.0.weight"
"""Of a generator: (C, planes, 4, 4)."""


class Trainee:
    """Of one kind of region."""

    def __init__(self, region: Region, config: Config, device: torch.device, *, mirror: bool) -> None:
        """mirror: the region looks as true when it is turned round."""
        self._config, self._device, self._mirror = config, device, mirror
        self._feather = region.feather.to(device)
        self.generator = region.generator.to(device, memory_format=torch.channels_last)
        self.average = copy.deepcopy(self.generator).requires_grad_(False)
        self.discriminator = Discriminator().to(device, memory_format=torch.channels_last)
        self._optimisers = [_optimiser(net, config.rate) for net in (self.generator, self.discriminator)]

    def learn(self, views: Views, features: Features, step: int, rng: torch.Generator) -> dict[str, float]:
        """One step; the losses by name."""
        adversarial = self._config.losses.adversarial > 0 and step >= self._config.adversarial_from
        for optimiser in self._optimisers:
            for group in optimiser.param_groups:
                group["lr"] = self._config.rate * falling(step / self._config.steps, self._config.decay)
        with torch.autocast(self._device.type, torch.bfloat16):
            painted = self.paint(self.generator, self._prepared(views, rng))
            parts = generator_loss(painted, self._config.losses, features, self.discriminator if adversarial else None)
        _descend(self._optimisers[0], sum(parts.values(), start=torch.zeros((), device=self._device)))
        if adversarial:
            with torch.autocast(self._device.type, torch.bfloat16):
                parts["discriminator"] = discriminator_loss(painted, self.discriminator)
            _descend(self._optimisers[1], parts["discriminator"])
        self._remember(step)
        return {name: float(value.detach()) for name, value in parts.items()}

    def paint(self, generator: nn.Module, given: tuple[Tensor, Tensor, Tensor]) -> Painted:
        """shown, marks, truth -> with the painting in it, as the exported graph blends it."""
        shown, marks, truth = given
        out = generator(torch.cat([shown, marks], 1).contiguous(memory_format=torch.channels_last)).float()
        counts = torch.sigmoid(out[:, 3:]) * self._feather
        return Painted(shown, marks, truth, shown + (out[:, :3] - shown) * counts, counts)

    @torch.no_grad()
    def look(self, views: Views, features: Features) -> tuple[Painted, dict[str, float]]:
        """What the average paints, and how much of the warp's error is left, in L1 and perceptually."""
        painted = self.paint(self.average, self._floats(views))
        far = {name: (x - painted.truth).abs().mean() for name, x in (("a", painted.image), ("b", painted.shown))}
        looks = [distance(features, x, painted.truth).mean() for x in (painted.image, painted.shown)]
        return painted, {"l1_left": float(far["a"] / far["b"]), "perceptual_left": float(looks[0] / looks[1])}

    def state(self) -> dict[str, Any]:
        """For a checkpoint."""
        nets = {"generator": self.generator, "average": self.average, "discriminator": self.discriminator}
        return {name: net.state_dict() for name, net in nets.items()} | {
            "optimisers": [optimiser.state_dict() for optimiser in self._optimisers]
        }

    def begin_with(self, state: dict[str, Any]) -> None:
        """The generator of another run's checkpoint; planes that it was never given count for nothing yet.

        Raises:
            KeyError, RuntimeError: no such generator.
        """
        weights = dict(state["average"])
        first, wanted = weights[FIRST], torch.zeros_like(self.generator.state_dict()[FIRST])
        wanted[:, : first.shape[1]] = first
        weights[FIRST] = wanted
        for network in (self.generator, self.average):
            network.load_state_dict(weights)

    def restore(self, state: dict[str, Any]) -> None:
        """From a checkpoint."""
        for name in ("generator", "average", "discriminator"):
            getattr(self, name).load_state_dict(state[name])
        for optimiser, saved in zip(self._optimisers, state["optimisers"], strict=True):
            optimiser.load_state_dict(saved)

    def _prepared(self, views: Views, rng: torch.Generator) -> tuple[Tensor, Tensor, Tensor]:
        shown, marks, truth = self._floats(views)
        shown, truth = recoloured((shown, truth), rng)
        if self._mirror:
            shown, marks, truth = mirrored((shown, marks, truth), rng)
        return shown, marks, truth

    def _floats(self, views: Views) -> tuple[Tensor, Tensor, Tensor]:
        shown, marks, truth = (
            torch.from_numpy(part).to(self._device).float() / 255 for part in (views.shown, views.marks, views.truth)
        )
        return shown, marks, truth

    @torch.no_grad()
    def _remember(self, step: int) -> None:
        """The average forgets faster in the beginning."""
        keep = min(self._config.average, (1 + step) / (10 + step))
        for mean, now in zip(self.average.parameters(), self.generator.parameters(), strict=True):
            mean.lerp_(now.detach(), 1 - keep)


def falling(done: float, last: float) -> float:
    """1, and in the last part of a run down to 0."""
    return min(1.0, max((1 - done) / last, 0.0)) if last else 1.0


def _optimiser(net: nn.Module, rate: float) -> torch.optim.Optimizer:
    return torch.optim.Adam(net.parameters(), lr=rate, betas=(0.8, 0.99))


def _descend(optimiser: torch.optim.Optimizer, loss: Tensor) -> None:
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    optimiser.step()
