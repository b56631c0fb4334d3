"""The spline and its grid."""

from __future__ import annotations

import numpy as np
import pytest

from reenact.lite.warp import evaluate, fade, fit, knots


def test_a_spline_without_stiffness_goes_through_its_points() -> None:
    rng = np.random.default_rng(0)
    centers, values = rng.uniform(0, 3, (40, 2)), rng.normal(0, 0.1, (40, 2))
    np.testing.assert_allclose(evaluate(fit(centers, values, np.zeros(40)), centers), values, atol=1e-7)


def test_an_affine_map_is_reproduced_everywhere() -> None:
    rng = np.random.default_rng(0)
    centers, elsewhere = rng.uniform(0, 3, (40, 2)), rng.uniform(-1, 4, (100, 2))
    turn, shift = np.array([[0.9, -0.2], [0.3, 1.1]]), np.array([0.5, -2.0])
    spline = fit(centers, centers @ turn + shift, np.full(40, 0.01))
    np.testing.assert_allclose(evaluate(spline, elsewhere), elsewhere @ turn + shift, atol=1e-6)


def test_a_stiff_point_is_ignored() -> None:
    rng = np.random.default_rng(0)
    centers = rng.uniform(0, 3, (40, 2))
    values, stiffness = np.zeros((40, 2)), np.full(40, 1e-4)
    values[7], stiffness[7] = 1.0, 1e3
    assert np.abs(evaluate(fit(centers, values, stiffness), centers)).max() < 0.01


def test_points_that_fall_together_do_not_break_the_solve() -> None:
    """Shut lids: the same place, from two places in the picture."""
    centers = np.array([[0.0, 0], [1, 0], [0, 1], [1, 1], [0.5, 0.5], [0.5, 0.5]])
    values = np.array([[0.0, 0]] * 4 + [[0, -0.05], [0, 0.05]])
    met = evaluate(fit(centers, values, np.full(6, 2e-4)), np.array([[0.5, 0.5]]))
    np.testing.assert_allclose(met, 0, atol=1e-6)


def test_knots_interpolate_what_is_linear_exactly() -> None:
    pixels = np.arange(200) / 50
    spread = knots(pixels, np.array([1.0, 1.1, 1.2, 3.0]), 40)
    assert spread.positions.shape == (40,)
    assert (np.diff(spread.positions) > 0).all()
    np.testing.assert_allclose(spread.upsample @ (3 * spread.positions - 1), 3 * pixels - 1, atol=1e-4)


def test_knots_are_dense_where_it_is_busy() -> None:
    pixels = np.arange(500) / 100
    spread = knots(pixels, np.random.default_rng(0).uniform(2, 2.5, 100), 60)
    busy = ((spread.positions > 2) & (spread.positions < 2.5)).sum()
    assert busy > 25  # a tenth of the way has half of the knots


@pytest.mark.parametrize(("start", "end"), [(True, True), (True, False), (False, True), (False, False)])
def test_fading_happens_at_the_ends_asked_for(start: bool, end: bool) -> None:
    faded = fade(np.linspace(0, 4, 100), 0.5, start=start, end=end)
    assert faded[0] == (0 if start else 1)
    assert faded[-1] == (0 if end else 1)
    np.testing.assert_array_equal(faded[20:80], 1)
