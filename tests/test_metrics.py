"""What the quality benchmark measures is what the papers define, and says nothing where nothing can be seen."""

from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.identity import PADDING, PLACES, POINTS, SIDE, chip, fitted
from benchmarks.metrics import (
    IDENTICAL,
    angle_between,
    average,
    change,
    cosine,
    cut,
    jitter,
    landmark_distance,
    psnr,
    ssim,
)
from reenact.crop import apply
from reenact.faces.landmarks import EYES
from reenact.types import LANDMARKS, Array, Face, Image


def pattern() -> Image:
    """(40, 48, 3): smooth waves, the same on every machine."""
    y, x = np.mgrid[0:40, 0:48]
    waves = (np.sin(x / 5), np.cos(y / 7), np.sin((x + y) / 9))
    return np.stack([np.rint(120 + 90 * wave) for wave in waves], -1).astype(np.uint8)


def worn(image: Image) -> Image:
    """Darker, and moved by a pixel."""
    return (np.roll(image, 1, axis=1) * 0.9).astype(np.uint8)


def a_face(seed: int = 0) -> Array:
    """(478, 3) px, the outer eye corners 100 px apart."""
    landmarks = np.random.default_rng(seed).uniform(0, 200, (LANDMARKS, 3))
    landmarks[EYES[0]], landmarks[EYES[1]] = (50, 80, 0), (150, 80, 0)
    return landmarks


def moved(face: Array, *by: float) -> Array:
    """The face, `by` x, y, z px."""
    return face + np.array(by)


def test_psnr_is_that_of_the_mean_squared_error() -> None:
    image = np.full((16, 16, 3), 100, np.uint8)
    assert psnr(image + np.uint8(5), image) == pytest.approx(10 * math.log10(255**2 / 25))
    assert psnr(image, image) == IDENTICAL


def test_ssim_agrees_with_scikit_image() -> None:
    # scikit-image 0.26 structural_similarity of the two lumas: gaussian_weights=True, sigma=1.5,
    # use_sample_covariance=False, data_range=255.
    assert ssim(worn(pattern()), pattern()) == pytest.approx(0.9817755935944742, abs=1e-9)


def test_ssim_of_a_picture_with_itself_is_one_and_with_its_negative_below_zero() -> None:
    assert ssim(pattern(), pattern()) == pytest.approx(1)
    assert ssim(255 - pattern(), pattern()) < 0


def test_landmarks_are_compared_in_parts_of_the_eyes_distance_without_depth() -> None:
    face = a_face()
    assert landmark_distance(moved(face, 3, 4, 70), face) == pytest.approx(5.0)
    assert landmark_distance(moved(2 * face, 6, 8, 0), 2 * face) == pytest.approx(5.0)


def test_steady_movement_is_no_jitter() -> None:
    faces = [moved(a_face(), 4.0 * t, 2.0 * t, 0) for t in range(5)]
    assert jitter(faces, range(5)) == pytest.approx(0, abs=1e-9)


def test_a_tremble_of_a_pixel_is_a_second_difference_of_four() -> None:
    faces = [moved(a_face(), (-1.0) ** t, 0, 0) for t in range(6)]
    assert jitter(faces, range(6)) == pytest.approx(4.0)


def test_jitter_is_taken_over_frames_in_a_row_that_have_a_face() -> None:
    jump = moved(a_face(), 50, 0, 0)
    assert math.isnan(jitter([a_face(), jump, a_face()], [0, 1, 9]))
    assert math.isnan(jitter([a_face(), None, jump], [0, 1, 2]))
    assert jitter([a_face(), a_face(), a_face(), jump], [0, 1, 2, 9]) == pytest.approx(0)


def test_change_looks_only_where_it_is_told_to() -> None:
    before = np.zeros((10, 10, 3), np.uint8)
    after, where = before.copy(), np.zeros((10, 10), bool)
    after[0, 0], after[0, 1], after[9, 9] = (0, 3, 7), (1, 0, 0), 200
    where[0, :2] = True
    found = change(after, before, where)
    assert (found["background_mean"], found["background_max"]) == (4.0, 7.0)
    assert all(math.isnan(value) for value in change(after, before, np.zeros_like(where)).values())


def test_an_average_leaves_out_what_was_not_seen() -> None:
    rows = [{"akd": 2.0, "psnr": 30.0}, {"akd": float("nan"), "psnr": 20.0}, {"psnr": 10.0}]
    assert average(rows) == {"akd": 2.0, "psnr": 20.0}
    assert math.isnan(average([{"akd": float("nan")}])["akd"])


def test_cosine_and_angle() -> None:
    turn = np.array([[0.0, -1, 0], [1, 0, 0], [0, 0, 1]])
    assert cosine(np.array([1.0, 1]), np.array([3.0, 0])) == pytest.approx(math.sqrt(0.5))
    assert angle_between(turn, np.eye(3)) == pytest.approx(90)


def test_a_box_is_cut_as_far_as_it_lies_in_the_picture() -> None:
    assert cut(pattern(), np.array([-5.0, 10.2, 12.5, 99])).shape == (30, 13, 3)


def test_a_similarity_is_found_again() -> None:
    affine = np.array([[0.6, -0.8, 12.0], [0.8, 0.6, -7.0]])
    points = np.random.default_rng(1).uniform(0, 100, (5, 2))
    np.testing.assert_allclose(fitted(points, apply(affine, points)), affine, atol=1e-9)


def test_a_chip_puts_the_features_where_the_network_expects_them() -> None:
    landmarks, image = a_face(), np.zeros((400, 400, 3), np.uint8)
    wanted = (PLACES + PADDING) / (1 + 2 * PADDING) * SIDE
    landmarks[list(POINTS), :2] = places = wanted * 2 + [40, 30]
    for x, y in np.rint(places).astype(int):
        image[y - 4 : y + 5, x - 4 : x + 5] = 255
    found = chip(image, Face(landmarks, np.array([0.0, 0, 400, 400]), 1.0))
    assert found.shape == (SIDE, SIDE, 3)
    for x, y in np.rint(wanted).astype(int):
        assert found[y, x].min() > 200
    assert found[0].max() == 0
