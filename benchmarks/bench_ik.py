"""One drag event of full-body IK: both feet pinned, a joint dragged along a line with a noisy pointer.

python benchmarks/bench_ik.py [--step 0.012] [--reference 3]

Each event is one ``full_body_ik.solve`` with the answer of the event before, as the viewport does it. References of the
same run: the same goals and pins given to SciPy's ``least_squares`` (trust region, numerical derivatives, the same
posture and pins as residuals; ``--reference`` events of each drag), and ``ik.solve_positions`` (which moves no root).
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
}


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


def ours(pose, rest, joint, goals, *, prior):
    from genmo_studio.motion.full_body_ik import Effector, held, solve
    from genmo_studio.motion.skeleton import INDEX

    pins = [held(pose, rest, INDEX[name], position=True, rotation=True) for name in ("left_ankle", "right_ankle")]
    present, wall, cpu, rounds, pinned, moved = pose, [], [], [], 0.0, 0.0
    before = pose.world(rest)[1]
    for goal in goals:
        began, began_cpu = time.perf_counter(), time.process_time()
        found = solve(
            present,
            rest,
            goals=[Effector(INDEX[joint], goal)],
            pins=pins,
            rest=pose,
            prior=prior,
            suggest=1.0 if prior else 0.0,
        )
        wall.append(time.perf_counter() - began)
        cpu.append(time.process_time() - began_cpu)
        rounds.append(found.iterations)
        pinned = max(pinned, *(miss.metres for miss in found.pins))
        placed = found.pose.world(rest)[1]
        moved = max(moved, float(np.linalg.norm(placed - before, axis=1).max()))
        present, before = found.pose, placed
    return {
        "events": len(goals),
        "p50_ms": round(float(np.median(wall)) * 1e3, 2),
        "p95_ms": round(float(np.quantile(wall, 0.95)) * 1e3, 2),
        "best_ms": round(min(wall) * 1e3, 2),
        "best_ms_an_iteration": round(min(t / n for t, n in zip(wall, rounds, strict=True) if n) * 1e3, 3),
        "p50_cpu_ms": round(float(np.median(cpu)) * 1e3, 2),
        "p95_cpu_ms": round(float(np.quantile(cpu, 0.95)) * 1e3, 2),
        "iterations_mean": round(float(np.mean(rounds)), 1),
        "goal_left_mm": round(found.goals[0].metres * 1e3, 2),
        "worst_pin_mm": round(pinned * 1e3, 4),
        "largest_move_of_a_joint_in_an_event_mm": round(moved * 1e3, 1),
    }


def scipy_reference(pose, rest, joint, goals):
    """The textbook way: all 69 numbers at once, posture, goal and pins as residuals."""
    from scipy.optimize import least_squares

    from genmo_studio.motion.body import forward_kinematics
    from genmo_studio.motion.rotations import matrix_from_rotvec, rotvec_from_matrix
    from genmo_studio.motion.skeleton import INDEX

    feet = [INDEX["left_ankle"], INDEX["right_ankle"]]
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
                [x - start, 300 * (points[INDEX[joint]] - goal), 3000 * (points[feet] - placed[feet]).ravel(),
                 1000 * feet_turned.ravel()]
            )  # fmt: skip

        began = time.perf_counter()
        numbers = least_squares(residuals, numbers, max_nfev=30).x
        times.append(time.perf_counter() - began)
    return round(float(np.median(times)) * 1e3, 1)


def positions_reference(pose, rest, joint, goals):
    """``ik.solve_positions`` on the same goal, feet as further targets; p50 ms."""
    from genmo_studio.motion.ik import solve_positions
    from genmo_studio.motion.skeleton import INDEX

    placed, local, times = pose.world(rest)[1], pose.matrices(), []
    targets = {index: placed[index] for index in (INDEX["left_ankle"], INDEX["right_ankle"])}
    for goal in goals:
        began = time.perf_counter()
        wanted = {**targets, INDEX[joint]: goal}
        local = solve_positions(local, rest, pose.translation, targets=wanted, free=range(22))
        times.append(time.perf_counter() - began)
    return round(float(np.median(times)) * 1e3, 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--step", type=float, default=0.012, help="m that the goal moves an event (default 0.012)")
    parser.add_argument("--reference", type=int, default=3, help="events of each drag that SciPy solves (default 3)")
    options = parser.parse_args()
    from genmo_studio.motion.body import load_body
    from genmo_studio.motion.pose_prior import load_prior

    rest = load_body("genmo-free").rest_joints(np.zeros(10))
    pose, prior = standing(rest), load_prior()
    figures = {}
    for name, (joint, goal) in DRAGS.items():
        goals = events(pose, rest, joint, goal, options.step)
        ours(pose, rest, joint, goals[:3], prior=prior)  # warm
        part = goals[: options.reference]
        figures[name] = {
            "solve": ours(pose, rest, joint, goals, prior=None),
            "solve_with_prior": ours(pose, rest, joint, goals, prior=prior),
            "scipy_least_squares_p50_ms": scipy_reference(pose, rest, joint, part) if part else None,
            "solve_positions_p50_ms": None if joint == "pelvis" else positions_reference(pose, rest, joint, goals[:20]),
        }
    add = machine.seconds(lambda: np.add(pose.rotations, pose.rotations), repeats=2000)["median"]
    machine.report(
        "ik", {"machine": machine.machine(), "numpy_add_of_72_numbers_us": round(add * 1e6, 2), "drags": figures}
    )


if __name__ == "__main__":
    main()
