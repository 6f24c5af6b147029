"""Rotations: group axioms and inverses for NumPy and torch, near the identity and near half turns."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from genmo_studio.motion import rotations as r

ANGLES = st.one_of(
    st.floats(0, math.pi),
    st.sampled_from([0.0, 1e-12, 1e-7, 1e-4, 1e-3, math.pi / 2, math.pi - 1e-3, math.pi - 1e-6, math.pi]),
)
AXES = st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda a: math.hypot(*a) > 0.1)
LIBRARIES = [np.asarray, lambda x: torch.tensor(np.asarray(x))]
TOLERANCE = {np.float64: 1e-7, np.float32: 2e-6}


@st.composite
def rotvecs(draw):
    axis = np.array(draw(AXES))
    return axis / np.linalg.norm(axis) * draw(ANGLES)


def close(a, b, tolerance):
    np.testing.assert_allclose(np.asarray(a), np.asarray(b), atol=tolerance, rtol=0)


@pytest.mark.parametrize("library", LIBRARIES, ids=["numpy", "torch"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@settings(max_examples=60, deadline=None)
@given(a=rotvecs(), b=rotvecs(), c=rotvecs())
def test_group_axioms_and_inverses(library, dtype, a, b, c):
    tolerance = TOLERANCE[dtype]
    stack = library(np.stack([a, b, c]).astype(dtype))
    matrices = r.matrix_from_rotvec(stack)
    assert matrices.dtype == stack.dtype
    identity = np.eye(3)
    close(matrices @ r.transpose(matrices), np.stack([identity] * 3), tolerance)
    close(np.linalg.det(np.asarray(matrices, np.float64)), np.ones(3), tolerance)
    ma, mb, mc = matrices[0], matrices[1], matrices[2]
    close((ma @ mb) @ mc, ma @ (mb @ mc), tolerance)
    close(r.matrix_from_rotvec(-stack), r.transpose(matrices), tolerance)

    close(r.matrix_from_rotvec(r.rotvec_from_matrix(matrices)), matrices, tolerance)
    close(r.matrix_from_quaternion(r.quaternion_from_matrix(matrices)), matrices, tolerance)
    close(r.matrix_from_quaternion(r.quaternion_from_rotvec(stack)), matrices, tolerance)
    close(r.matrix_from_rotvec(r.rotvec_from_quaternion(-r.quaternion_from_rotvec(stack))), matrices, tolerance)
    close(r.matrix_from_sixd(r.sixd_from_matrix(matrices)), matrices, tolerance)
    close(r.angle_between(ma, ma @ mb), np.linalg.norm(b), 1e-5 if dtype is np.float64 else 2e-3)
    close(r.slerp_matrices(ma, mb, 0.0), ma, tolerance)
    close(r.slerp_matrices(ma, mb, 1.0), mb, tolerance)


@settings(max_examples=100, deadline=None)
@given(a=rotvecs())
def test_rotation_vectors_survive_away_from_half_turns(a):
    if np.linalg.norm(a) < math.pi - 1e-3:
        close(r.rotvec_from_matrix(r.matrix_from_rotvec(a)), a, 1e-7)


@settings(max_examples=40, deadline=None)
@given(a=rotvecs())
def test_gradients_are_finite_and_right(a):
    x = torch.tensor(a, requires_grad=True)
    for function in (
        r.matrix_from_rotvec,
        lambda v: r.rotvec_from_matrix(r.matrix_from_rotvec(v)),
        lambda v: r.matrix_from_sixd(r.sixd_from_matrix(r.matrix_from_rotvec(v))),
        lambda v: r.rotvec_from_quaternion(r.quaternion_from_rotvec(v)),
        lambda v: r.angle_between(r.matrix_from_rotvec(v), torch.eye(3, dtype=v.dtype)),
        lambda v: r.heading_from_matrix(r.matrix_from_rotvec(v)),
    ):
        (gradient,) = torch.autograd.grad(function(x).sum(), x)
        assert torch.isfinite(gradient).all()
    assert torch.autograd.gradcheck(r.matrix_from_rotvec, (x,), eps=1e-6, atol=1e-4)


def test_conventions():
    quarter = r.yaw_matrix(math.pi / 2)
    close(quarter @ [0, 0, 1], [1, 0, 0], 1e-12)
    for angle in (0.3, -2.0, 3.0):
        assert float(r.heading_from_matrix(r.yaw_matrix(angle))) == pytest.approx(angle)
        close(r.rotvec_from_matrix(r.yaw_matrix(angle)), [0, angle, 0], 1e-12)
    matrix = r.matrix_from_rotvec(np.array([0.1, 0.2, 0.3]))
    close(r.sixd_from_matrix(matrix), matrix[:2].ravel(), 0)
    assert float(r.heading_from_matrix(r.matrix_from_rotvec(np.array([-math.pi / 2, 0, 0])))) == pytest.approx(0)
    close(r.matrix_from_sixd(np.array([2.0, 0, 0, 1, 3, 0])), np.eye(3), 1e-12)


def test_slerp_turns_at_constant_speed():
    a, b = r.matrix_from_rotvec(np.array([[0.2, 0.5, -0.1], [-1.0, 0.4, 0.7]]))
    times = np.linspace(0, 1, 11)
    path = r.slerp_matrices(np.stack([a] * 11), np.stack([b] * 11), times)
    close(r.angle_between(path[:-1], path[1:]), np.full(10, float(r.angle_between(a, b)) / 10), 1e-9)
