"""One drag event of full-body IK: feet pinned (in one drag a hand too), a joint dragged with a noisy pointer.

python benchmarks/bench_ik.py [--step 0.012] [--reference 1]

Each event is what the viewport does with one: ``Solver.moved`` as ``ui.posing_solver.Drag`` calls it, with its bound on
time ("in the viewport") and without, so that slow events show; the release searches to the end. Times are of the wall
and of the process's CPU; on a machine with other work only the latter says something, and even that is worse than
alone. References of the same run: the same goals and pins given to SciPy's ``least_squares`` (trust region, numerical
derivatives, the same posture and pins as residuals; ``--reference`` events of the drags in REFERENCED), and
``ik.solve_positions`` (moves no root).
"""

import argparse
import time

import machine
import numpy as np

DRAGS = {
    "wrist_to_floor": ("right_wrist", [-0.2, 0.1, 0.45]),
    "wrist_overhead": ("right_wrist", [-0.25, 2.0, 0.1]),
    "wrist_behind": ("right_wrist", [-0.2, 1.0, -0.5]),
    "wrist_out_of_reach": ("right_wrist", [-0.5, 1.3, 1.6]),
    "squat": ("pelvis", [0.0, 0.5, -0.05]),
    "head_forward": ("head", [0.0, 1.4, 0.35]),
    "elbow_up": ("left_elbow", [0.3, 1.65, 0.15]),
    "t_pose_left_wrist_pinned": ("right_wrist", [-0.45, 1.75, 0.1]),
    "t_pose_left_wrist_pinned_out_of_reach": ("right_wrist", [-1.0, 2.1, 0.3]),
}
REFERENCED = ("wrist_to_floor", "squat", "t_pose_left_wrist_pinned")


def standing(rest):
    from genmo_studio.motion.pose import Pose
    from genmo_studio.motion.skeleton import INDEX

    turns = np.zeros((24, 3))
    for side, sign in (("left", 1), ("right", -1)):
        turns[INDEX[f"{side}_shoulder"]] = [0, 0, -1.2 * sign]
        turns[INDEX[f"{side}_elbow"]] = [0, -0.25 * sign, 0]
        turns[INDEX[f"{side}_hip"]] = [-0.08, 0, 0.05 * sign]
        turns[INDEX[f"{side}_knee"]] = [0.15, 0, 0]
    low = Pose(turns, np.zeros(3)).world(rest)[1][[10, 11], 1].min()
    return Pose(turns, np.array([0, 0.02 - low, 0]))


def events(pose, rest, joint, goal, step):
    """Goals along the line with 2 mm of noise."""
    from genmo_studio.motion.skeleton import INDEX

    rng = np.random.default_rng(0)
    begin = pose.world(rest)[1][INDEX[joint]]
    count = max(20, int(np.linalg.norm(np.array(goal) - begin) / step))
    return [begin + (np.array(goal) - begin) * share + rng.normal(scale=0.002, size=3)
            for share in np.linspace(1 / count, 1, count)]  # fmt: skip


def pins_of(pose, rest, name):
    from genmo_studio.motion.full_body_ik import held
    from genmo_studio.motion.skeleton import INDEX

    feet = [held(pose, rest, INDEX[foot], position=True, rotation=True) for foot in ("left_ankle", "right_ankle")]
    hand = [held(pose, rest, INDEX["left_wrist"], position=True, rotation=False)] if "left_wrist_pinned" in name else []
    return [*hand, *feet]


def ours(pose, rest, joint, goals, *, pins, prior, seconds=np.inf):
    from genmo_studio.motion.full_body_ik import Solver, held
    from genmo_studio.motion.skeleton import INDEX
    from genmo_studio.ui.posing_solver import THOROUGH, UNSEEN, WHILE_DRAGGED

    wall, cpu, rounds, pinned, moved = [], [], [], 0.0, 0.0
    before = pose.world(rest)[1]
    began = time.process_time()
    goal = held(pose, rest, INDEX[joint], position=True, rotation=False)
    solver = Solver(pose, rest, goals=[goal], pins=pins, prior=prior, suggest=1.0 if prior else 0.0)
    press = time.process_time() - began
    for goal in goals:
        began, began_cpu = time.perf_counter(), time.process_time()
        found = solver.moved([goal], iterations=WHILE_DRAGGED, unseen=UNSEEN, seconds=seconds)
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - began_cpu)
        rounds.append(found.iterations)
        pinned = max(pinned, *(miss.metres for miss in found.pins))
        placed = found.pose.world(rest)[1]
        moved = max(moved, float(np.linalg.norm(placed - before, axis=1).max()))
        before = placed
    began = time.process_time()
    found = solver.moved(iterations=THOROUGH)
    release = time.process_time() - began
    return {
        "events": len(goals),
        "p50_ms": round(float(np.median(wall)) * 1e3, 2),
        "p95_ms": round(float(np.quantile(wall, 0.95)) * 1e3, 2),
        "p50_cpu_ms": round(float(np.median(cpu)) * 1e3, 2),
        "p95_cpu_ms": round(float(np.quantile(cpu, 0.95)) * 1e3, 2),
        "best_cpu_ms_an_iteration": round(min(t / n for t, n in zip(cpu, rounds, strict=True) if n) * 1e3, 3),
        "median_cpu_ms_an_iteration": round(float(np.median(np.array(cpu) / np.maximum(rounds, 1))) * 1e3, 3),
        "iterations_mean": round(float(np.mean(rounds)), 1),
        "iterations_p95": float(np.quantile(rounds, 0.95)),
        "press_cpu_ms": round(press * 1e3, 2),
        "release_cpu_ms": round(release * 1e3, 2),
        "release_iterations": found.iterations,
        "settled": found.settled,
        "goal_left_mm": round(found.goals[0].metres * 1e3, 2),
        "worst_pin_mm": round(pinned * 1e3, 4),
        "worst_pin_after_release_mm": round(max(miss.metres for miss in found.pins) * 1e3, 4),
        "largest_move_of_a_joint_in_an_event_mm": round(moved * 1e3, 1),
    }


def scipy_reference(pose, rest, joint, goals, pins):
    """The textbook way: all 69 numbers at once, posture, goal and pins as residuals."""
    from scipy.optimize import least_squares

    from genmo_studio.motion.body import forward_kinematics
    from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix
    from genmo_studio.motion.skeleton import INDEX

    feet = [INDEX["left_ankle"], INDEX["right_ankle"]]
    stay = [pin.joint for pin in pins]
    turned, placed = pose.world(rest)
    start = np.concatenate([pose.rotations[:22].ravel(), pose.translation])
    numbers, times = start, []
    for goal in goals:

        def residuals(x, goal=goal):
            local = np.tile(np.eye(3), (24, 1, 1))
            local[:22] = matrix_from_rotvec(x[:66].reshape(22, 3))
            world, points = forward_kinematics(local, rest, x[66:])
            feet_turned = rotvec_from_matrix(world[feet] @ turned[feet].transpose(0, 2, 1))
            return np.concatenate(
                [x - start, 300 * (points[INDEX[joint]] - goal), 3000 * (points[stay] - placed[stay]).ravel(),
                 1000 * feet_turned.ravel()]
            )  # fmt: skip

        began = time.perf_counter()
        numbers = least_squares(residuals, numbers, max_nfev=15).x
        times.append(time.perf_counter() - began)
    return round(float(np.median(times)) * 1e3, 1)


def positions_reference(pose, rest, joint, goals, pins):
    """``ik.solve_positions`` on the same goal, pins as further targets; p50 ms."""
    from genmo_studio.motion.ik import solve_positions
    from genmo_studio.motion.skeleton import INDEX

    placed, local, times = pose.world(rest)[1], pose.matrices(), []
    targets = {index: placed[index] for index in (pin.joint for pin in pins)}
    for goal in goals:
        began = time.perf_counter()
        wanted = {**targets, INDEX[joint]: goal}
        local = solve_positions(local, rest, pose.translation, targets=wanted, free=range(22))
        times.append(time.perf_counter() - began)
    return round(float(np.median(times)) * 1e3, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--step", type=float, default=0.012, help="m that the goal moves an event (default 0.012)")
    parser.add_argument("--reference", type=int, default=1, help="events of a drag that SciPy solves (default 1)")
    options = parser.parse_args()
    from genmo_studio.motion.body import load_body
    from genmo_studio.motion.pose_ops import t_pose
    from genmo_studio.motion.pose_prior import load_prior
    from genmo_studio.ui.posing_solver import AT_MOST

    rest = load_body("genmo-free").rest_joints(np.zeros(10))
    prior, figures = load_prior(), {}
    for name, (joint, goal) in DRAGS.items():
        pose = t_pose(rest, ground=0.0) if name.startswith("t_pose") else standing(rest)
        pins = pins_of(pose, rest, name)
        goals = events(pose, rest, joint, goal, options.step)
        ours(pose, rest, joint, goals[:3], pins=pins, prior=prior)  # warm
        part = goals[: options.reference] if name in REFERENCED else []
        few = [] if joint == "pelvis" or name not in REFERENCED else goals[:5]
        figures[name] = {
            "solver": ours(pose, rest, joint, goals, pins=pins, prior=None),
            "solver_in_the_viewport": ours(pose, rest, joint, goals, pins=pins, prior=None, seconds=AT_MOST),
            "solver_with_prior": ours(pose, rest, joint, goals[:10], pins=pins, prior=prior),
            "scipy_least_squares_p50_ms": scipy_reference(pose, rest, joint, part, pins) if part else None,
            "solve_positions_p50_ms": positions_reference(pose, rest, joint, few, pins) if few else None,
        }
    add = machine.seconds(lambda: np.add(pose.rotations, pose.rotations), repeats=2000)["median"]
    machine.report(
        "ik", {"machine": machine.machine(), "numpy_add_of_72_numbers_us": round(add * 1e6, 2), "drags": figures}
    )


if __name__ == "__main__":
    main()
