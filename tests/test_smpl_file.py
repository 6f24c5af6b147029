"""SMPL files: the official form is read, and nothing in a hostile one is ever run."""

import pickle
import sys
import types

import numpy as np
import pytest
import scipy.sparse

from genmo_studio.motion.body import load_body
from genmo_studio.motion.skeleton import PARENTS
from genmo_studio.motion.smpl_file import read_smpl_file

VERTICES = 60


class Touch:
    """A pickle of this makes a file when it is loaded without care."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (open, (str(self.path), "w"))


class Chain:
    def __init__(self, function, *arguments):
        self.function, self.arguments = function, arguments

    def __reduce__(self):
        return (self.function, self.arguments)


@pytest.fixture
def fields():
    rng = np.random.default_rng(0)
    regressor = np.zeros((24, VERTICES))
    regressor[np.arange(24), np.arange(24)] = 1
    weights = np.zeros((VERTICES, 24))
    weights[np.arange(VERTICES), np.arange(VERTICES) % 24] = 1
    return {
        "v_template": rng.normal(size=(VERTICES, 3)),
        "shapedirs": rng.normal(size=(VERTICES, 3, 300)) * 0.01,
        "posedirs": rng.normal(size=(VERTICES, 3, 207)) * 0.001,
        "J_regressor": regressor,
        "weights": weights,
        "kintree_table": np.array([[4294967295, *PARENTS[1:]], range(24)], np.uint32),
        "f": rng.integers(0, VERTICES, size=(80, 3)).astype(np.uint32),
    }


def written(tmp_path, content, protocol=2):
    path = tmp_path / "SMPL_NEUTRAL.pkl"
    path.write_bytes(pickle.dumps(content, protocol=protocol))
    return path


@pytest.mark.parametrize("protocol", [2, 5])
def test_reads_the_official_form(tmp_path, fields, protocol, monkeypatch):
    chumpy = types.ModuleType("chumpy.ch")

    class Ch:
        def __init__(self, x):
            self.x = x

    Ch.__module__, Ch.__qualname__ = "chumpy.ch", "Ch"
    chumpy.Ch = Ch
    monkeypatch.setitem(sys.modules, "chumpy", types.ModuleType("chumpy"))
    monkeypatch.setitem(sys.modules, "chumpy.ch", chumpy)
    official = {
        **fields,
        "shapedirs": Ch(fields["shapedirs"]),
        "v_template": Ch(fields["v_template"]),
        "J_regressor": scipy.sparse.csc_matrix(fields["J_regressor"]),
        "bs_style": "lbs",
    }
    body = load_body(str(written(tmp_path, official, protocol)))
    np.testing.assert_allclose(body.shapedirs, fields["shapedirs"][..., :10], atol=1e-6)
    np.testing.assert_allclose(body.joint_regressor, fields["J_regressor"], atol=1e-6)
    np.testing.assert_allclose(body.posedirs, fields["posedirs"], atol=1e-6)
    assert body.name == "SMPL_NEUTRAL"


def test_reads_npz(tmp_path, fields):
    np.savez(tmp_path / "body.npz", **fields)
    arrays = read_smpl_file(tmp_path / "body.npz")
    np.testing.assert_array_equal(arrays.faces, fields["f"])


def test_hostile_pickles_are_refused_and_nothing_runs(tmp_path, fields):
    import os
    import subprocess

    trap = tmp_path / "trap"
    hostile = [
        Touch(trap),
        Chain(os.system, f"touch {trap}"),
        Chain(subprocess.check_output, ["touch", str(trap)]),
        Chain(eval, f"open({str(trap)!r}, 'w')"),
        Chain(getattr, "text", "format"),
        Chain(np.load, str(trap), None, True),
        Chain(np.lib.format.open_memmap, str(trap)),
        Chain(np.fromfile, str(trap)),
        Chain(scipy.sparse.load_npz, str(trap)),
        Chain(__import__, "antigravity"),
    ]
    for attack in hostile:
        for content in (attack, {**fields, "v_template": attack}):
            with pytest.raises(ValueError, match="refused") as caught:
                read_smpl_file(written(tmp_path, content))
            assert "\n" not in str(caught.value)
            assert not trap.exists()


def test_numbers_that_would_blow_up_are_refused(tmp_path, fields):
    nested = [1.0]
    for _ in range(40):
        nested = [nested, nested]
    lying = scipy.sparse.csc_matrix(fields["J_regressor"])
    lying.indices = lying.indices + 10**6
    huge = scipy.sparse.csc_matrix((10**6, 10**6))
    for name, value in {"weights": nested, "J_regressor": lying, "v_template": huge}.items():
        with pytest.raises(ValueError, match=r"body file") as caught:
            read_smpl_file(written(tmp_path, {**fields, name: value}))
        assert "\n" not in str(caught.value)


def test_broken_files_end_in_one_sentence(tmp_path, fields):
    whole = written(tmp_path, fields).read_bytes()
    cases = {
        "cut.pkl": whole[: len(whole) // 2],
        "empty.pkl": b"",
        "noise.pkl": b"\x80\x04hello",
        "list.pkl": pickle.dumps([1, 2]),
        "noise.npz": b"PK\x03\x04 nothing",
        "body.txt": b"",
        "short.pkl": pickle.dumps({k: v for k, v in fields.items() if k != "weights"}),
        "words.pkl": pickle.dumps({**fields, "weights": "heavy"}),
        "odd.pkl": pickle.dumps({**fields, "weights": fields["weights"][:, :7]}),
        "nan.pkl": pickle.dumps({**fields, "v_template": fields["v_template"] * np.nan}),
        "far.pkl": pickle.dumps({**fields, "f": fields["f"] + 1000}),
        "tree.pkl": pickle.dumps({**fields, "kintree_table": np.zeros((2, 24), np.int64)}),
    }
    for name, data in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(ValueError, match=r"body file") as caught:
            read_smpl_file(tmp_path / name)
        assert "\n" not in str(caught.value), name
    with pytest.raises(ValueError, match="does not exist"):
        load_body(str(tmp_path / "nowhere.npz"))
