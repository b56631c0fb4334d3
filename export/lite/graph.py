"""The whole `lite` engine in one graph: warp, regions, generators, composite."""

from __future__ import annotations

from torch import Tensor, nn

from export.lite.generator import eye_generator, mouth_generator
from export.lite.regions import Region, blend
from export.lite.warp import Warp, composite, pixels, sample, shaded
from reenact.lite.regions import EYE_SIDE, MOUTH_SIDE


class Lite(nn.Module):
    """`Warp`, and over it a mouth and two eyes, painted."""

    def __init__(self) -> None:
        super().__init__()
        self.warp = Warp()
        self.mouth = Region(mouth_generator(), MOUTH_SIDE)
        self.eyes = Region(eye_generator(), EYE_SIDE)

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
        mouth_place: Tensor,
        mouth_marks: Tensor,
        mouth_strength: Tensor,
        mouth_down: Tensor,
        mouth_across: Tensor,
        mouth_corner: Tensor,
        eyes_place: Tensor,
        eyes_marks: Tensor,
        eyes_strength: Tensor,
        eyes_down: Tensor,
        eyes_across: Tensor,
        eyes_corner: Tensor,
    ) -> Tensor:
        """The first 14 are `Warp`'s. R is the region's side, B the number of regions: 1 mouth, 2 eyes.

        *_place: (B, 2, 3) the region's -1..1 -> the stage's.
        *_marks: (B, MARKS, R, R) 0..1, what is where in the region; see `reenact.lite.regions`.
        *_strength: (B, 1, R, R) 0..1, how much the painting counts.
        *_down, *_across: (B, P, 2), (B, Q, 2) of the rows and the columns of a window of the frame: added up they say
            where in the region each px lies, -1..1.
        *_corner: (B, 2) int64, the window's first row and column.

        Returns: (H, W, 3) uint8.
        """
        planes = self.warp.planes(centers, weights, knots_x, knots_y, upsample_x, upsample_y, fade, gaze, gain, bias)
        image = composite(*shaded(sample(picture, planes), opening, tint), background)
        eyes = self.eyes(picture, planes, opening, tint, eyes_place, eyes_marks, eyes_strength)
        for index in range(2):
            image = blend(image, eyes[index : index + 1], eyes_down[index], eyes_across[index], eyes_corner[index])
        mouth = self.mouth(picture, planes, opening, tint, mouth_place, mouth_marks, mouth_strength)
        return pixels(blend(image, mouth, mouth_down[0], mouth_across[0], mouth_corner[0]))
