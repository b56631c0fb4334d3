"""Crops: where their pixels come from."""

from __future__ import annotations

import cv2
import numpy as np

from reenact.crop import Region, apply, bounding_box, sample, square, to_image
from reenact.types import Image


def test_a_crop_of_the_same_size_is_the_picture_itself(hopper: Image) -> None:
    crop = sample(hopper, square(np.array([200.0, 250.0]), 128), 128)
    np.testing.assert_array_equal(crop.image, hopper[186:314, 136:264])
    np.testing.assert_allclose(crop.to_frame, [[1, 0, 136], [0, 1, 186]])


def test_crop_pixels_go_back_where_they_came_from(hopper: Image) -> None:
    """A marked pixel is found again through `to_frame`, turned and scaled."""
    picture = np.zeros_like(hopper)
    cv2.circle(picture, (230, 210), 6, (255, 255, 255), -1)
    crop = sample(picture, square(np.array([240.0, 220.0]), 100, 0.7), 256)
    y, x = np.argwhere(crop.image[:, :, 0] > 128).mean(0)
    np.testing.assert_allclose(apply(crop.to_frame, np.array([[x, y]]))[0], [230, 210], atol=0.3)


def test_sampling_has_no_half_pixel_shift() -> None:
    """Crop pixel 0 is the region's corner itself, as the face networks were trained; a resize would shift it."""
    ramp = np.repeat(np.arange(0, 200, dtype=np.uint8)[None, :, None], 100, 0).repeat(3, 2)
    crop = sample(ramp, square(np.array([100.0, 50.0]), 80), 40)
    np.testing.assert_array_equal(crop.image[20, :, 0], 60 + 2 * np.arange(40))


def test_a_region_may_be_a_turned_rectangle() -> None:
    region = Region(np.array([50.0, 60.0]), np.array([40.0, 20.0]), np.pi / 2)
    corners = apply(to_image(region, 4, 2), np.array([[0.0, 0], [4, 0], [0, 2]]))
    np.testing.assert_allclose(corners, [[60, 40], [60, 80], [40, 40]], atol=1e-9)


def test_a_bounding_box_holds_its_points() -> None:
    np.testing.assert_array_equal(bounding_box(np.array([[3.0, 9, 1], [7, 2, 1], [5, 5, 1]])), [3, 2, 7, 9])
