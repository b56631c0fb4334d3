"""The `lite` engine's graph as a torch module: evaluates the spline, samples the avatar's picture, composites."""

from __future__ import annotations

import torch
import torch.nn.functional as functional
from torch import Tensor, nn


class Warp(nn.Module):
    """Spline -> dense map -> sampled avatar -> over the background.

    N control points, (Ky, Kx) knots, (S, T) px picture, (H, W) px output. Spline coordinates are stage units.
    """

    def forward(
        self,
        picture: Tensor,
        background: Tensor,
        opening: Tensor,
        tint: Tensor,
        centers: Tensor,
        weights: Tensor,
        knots_x: Tensor,
        knots_y: Tensor,
        upsample_x: Tensor,
        upsample_y: Tensor,
        fade: Tensor,
        gaze: Tensor,
        gain: Tensor,
        bias: Tensor,
    ) -> Tensor:
        """
        picture: (1, 4, S, T) RGB 0..255 and the person mask 0..1.
        background: (1, 3, H, W) 0..255.
        opening: (1, 1, H, W) 0..1, where the mouth's inside shows. tint: (1, 3, 1, 1) 0..255, its colour.
        centers: (N, 2). weights: (N + 3, 2): the spline's displacement, the last three rows its affine part.
        knots_x, knots_y: (Kx,), (Ky,). upsample_x, upsample_y: (W, Kx), (H, Ky).
        fade: (Ky, Kx) 0..1, how much of the displacement holds.
        gaze: (H, W, 2) stage units, added to where each px comes from: the irises' own turn.
        gain, bias: (2,) stage units -> GridSample's -1..1.

        Returns: (H, W, 3) uint8.
        """
        still = torch.stack(torch.meshgrid(knots_x, knots_y, indexing="xy"), -1)
        moved = still + self.displacement(knots_x, knots_y, centers, weights) * fade[..., None]
        grid = upsample(moved * gain + bias, upsample_x, upsample_y) + gaze * gain
        # Beyond the picture's edge there is nobody. (This padding is also three times faster than the others in
        # ONNX Runtime 1.31 on CPU, which plans bilinear sampling once for all channels.)
        sampled = functional.grid_sample(picture, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
        return composite(sampled, background, opening, tint)

    def displacement(self, knots_x: Tensor, knots_y: Tensor, centers: Tensor, weights: Tensor) -> Tensor:
        """(Ky, Kx, 2): the thin-plate spline at every knot.

        Distances are squared along each axis first, where there is little to do, and only then added up.
        """
        across = (knots_x[:, None] - centers[:, 0]).square()
        down = (knots_y[:, None] - centers[:, 1]).square() + 1e-9
        squared = down[:, None] + across
        affine = weights[-3:]
        plane = affine[0] + knots_x[None, :, None] * affine[1] + knots_y[:, None, None] * affine[2]
        return (squared * torch.log(squared)) @ weights[:-3] + plane


def upsample(coarse: Tensor, upsample_x: Tensor, upsample_y: Tensor) -> Tensor:
    """(Ky, Kx, 2) -> (1, H, W, 2): linear interpolation along both axes, as two matrix products."""
    planes = coarse.permute(2, 0, 1)
    return (upsample_y @ planes @ upsample_x.T).permute(1, 2, 0)[None]


def composite(sampled: Tensor, background: Tensor, opening: Tensor, tint: Tensor) -> Tensor:
    """The mouth's inside into the person, the person over the background: (H, W, 3) uint8."""
    person, mask = sampled[:, :3], sampled[:, 3:]
    person = person + (tint - person) * opening
    image = background + (person - background) * mask
    return image[0].permute(1, 2, 0).clamp(0, 255).round().to(torch.uint8)
