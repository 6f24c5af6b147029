"""The tables of docs/evaluation.md, made from a report of ``genmo-studio evaluate``.

python scripts/report_tables.py models/default/evaluation.json docs/evaluation.md

What stands between the two marks in the page is replaced; the rest is written by hand.
"""

# ruff: noqa: E501 - sentences and rows of tables

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- tables: scripts/report_tables.py -->", "<!-- end of tables -->"
Report = dict[str, Any]


def aims(r: Report) -> Iterator[tuple[str, str, str, bool | None]]:
    """(aim, figure, samples, met)."""
    gaps = r["in_betweening"]
    for gap in ("15", "30"):
        row = gaps[gap]["draft"]
        yield (
            f"in-between, gap of {gap} frames: L2P over interpolation's at most 0.40",
            f"{row['to_interpolated']:.2f}", f"{row['windows']} windows", row["to_interpolated"] <= 0.40,
        )  # fmt: skip
    keys = r["keys"]["distances"]["full_body"]["sampled"]
    raw, done = keys["projected"]["full_body"], keys["corrected"]["full_body"]
    yield "full-body keys, raw, below 3 cm", f"{raw['mean_cm']:.2f} cm", f"{raw['keys']} keys", raw["mean_cm"] < 3
    worst = max(
        row["corrected"][kind]["mean_cm"]
        for of in r["keys"]["distances"].values()
        for row in of.values()
        for kind in row["corrected"]
    )
    yield "keys of every kind, corrected, 0", f"{worst:.3f} cm", f"{done['keys']} keys a kind", worst < 0.05
    clean = r["estimation"]["clean"]
    pa = clean["emdb_protocol"]["pa_mpjpe_mm"]
    yield (
        "PA-MPJPE from clean keypoints at most 45 mm", f"{pa:.1f} mm (24 joints), {clean['pa_mpjpe_mm']:.1f} (22)",
        f"{clean['windows']} windows", pa <= 45,
    )  # fmt: skip
    film = r["video_path"]
    if "left_out" not in film:
        ours, pose = film["ours"], film["blazepose"]
        yield (
            "PA-MPJPE through the whole video path at most 65 mm",
            f"{ours['emdb_pa_mpjpe_mm']:.1f} mm (24 joints), {ours['pa_mpjpe_mm']:.1f} (22)", f"{film['films']} films",
            ours["emdb_pa_mpjpe_mm"] <= 65,
        )  # fmt: skip
        best = min(value for value in pose.values())
        yield (
            "clearly better than BlazePose's own 3D (12 limb joints)",
            f"{ours['limbs_pa_mpjpe_mm']:.1f} against {best:.1f} mm", f"{film['films']} films",
            ours["limbs_pa_mpjpe_mm"] < 0.85 * best,
        )  # fmt: skip
    text = r["retrieval"]
    if "left_out" not in text:
        yield (
            "R-precision (first three) at least 0.85 of recordings'",
            f"{text['r3_to_recorded']:.2f} ({text['takes']['r_precision_3']:.2f} of "
            f"{text['recorded']['r_precision_3']:.2f})",
            f"{text['samples']} captions", text["r3_to_recorded"] >= 0.85,
        )  # fmt: skip
    music = r["music"]
    rendered = music["margin"] > 2 * music["margin_spread"]
    yield (
        "beat alignment above unconditioned by twice the standard error: rendered music",
        f"{music['margin']:+.3f} ± {music['margin_spread']:.3f}", f"{music['tracks']} tracks", rendered,
    )  # fmt: skip
    if "songs" in music:
        songs = music["songs"]
        for kind, words in (("", "every beat"), ("half_", "every second beat")):
            gain, spread = songs[f"{kind}margin"], songs[f"{kind}margin_spread"]
            yield (
                f"the same, real songs, {words}", f"{gain:+.3f} ± {spread:.3f}", f"{songs['excerpts']} excerpts",
                gain > 2 * spread,
            )  # fmt: skip
    floor = r["physics"]["cleaned_to_recorded"]
    names = {
        "skate_planted_m_s": "skate of planted feet", "skate_height_m_s": "skate by height",
        "skate_contact_m_s": "skate while the motion says that it rests", "floating_m": "floating",
        "penetration_m": "penetration", "jitter_m_s3": "jitter",
    }  # fmt: skip
    for key, words in names.items():
        yield (
            f"{words} at most 1.2 of recordings' after clean-up",
            f"{floor[key]:.2f}",
            (f"{r['physics']['windows']} takes"),
            floor[key] <= 1.2,
        )


def heads(title: str, columns: str) -> Iterator[str]:
    """A table's title and its first two rows; ``columns`` are parted by bars."""
    yield ""
    yield title
    yield ""
    yield f"| {columns} |".replace("|  |", "| |")
    yield "| --- " * len(columns.split("|")) + "|"


def tables(r: Report) -> Iterator[str]:
    """Lines of Markdown."""
    yield "| aim | figure | of | met |"
    yield "| --- | --- | --- | --- |"
    for aim, figure, samples, met in aims(r):
        yield f"| {aim} | {figure} | {samples} | {'yes' if met else '**no**'} |"
    yield from heads(
        "**In-betweening**: L2P m, L2Q, NPSS, and L2P over interpolation's on the same windows.",
        "gap | held | interpolated | one pass | sampled",
    )
    for gap, rows in r["in_betweening"].items():
        cells = [
            f"{rows[name]['l2p_m']:.2f}, {rows[name]['l2q']:.2f}, {rows[name]['npss']:.3f}, "
            f"{rows[name]['to_interpolated']:.2f} ({rows[name]['windows']})" if name in rows else "-"
            for name in ("held", "interpolated", "draft", "sampled")
        ]  # fmt: skip
        yield f"| {gap} | {' | '.join(cells)} |"
    yield from heads(
        "**Keys**, cm: mean, P95 (keys).",
        "keys | mode | network alone | held while sampling (raw) | corrected",
    )
    for case, kind in (("full_body", "full_body"), ("hand_positions", "end_effector"), ("waypoints", "waypoint")):
        for mode, stages in r["keys"]["distances"][case].items():
            cells = [
                f"{stages[stage][kind]['mean_cm']:.2f}, {stages[stage][kind]['p95_cm']:.2f} ({stages[stage][kind]['keys']})"
                for stage in ("network", "projected", "corrected")
            ]
            yield f"| {case.replace('_', ' ')} | {mode} | {' | '.join(cells)} |"
    yield from estimation(r)
    yield from text(r)
    yield from dance(r)
    yield from floor(r)
    yield from mixed(r)


def estimation(r: Report) -> Iterator[str]:
    yield from heads(
        "**Estimation** by EMDB's protocol (24 joints; mm, %, mm a frame, 10 m/s^3).",
        "keypoints | MPJPE | PA-MPJPE | accel | WA-MPJPE100 | W-MPJPE100 | RTE | foot sliding | jitter (real)",
    )
    rows = {
        f"exact ({r['estimation']['clean']['windows']} windows)": r["estimation"]["clean"]["emdb_protocol"],
        "detector-like": r["estimation"]["detector_like"]["emdb_protocol"],
    }
    film = r["video_path"]
    for name, words in (("ours_exact", "exact, windows of the films"), ("ours", f"films ({film.get('films', 0)})")):
        if name in film:
            rows[words] = {key.removeprefix("emdb_"): value for key, value in film[name].items()}
    for name, row in rows.items():
        keys = ("mpjpe_mm", "pa_mpjpe_mm", "accel_m_s2", "wa_mpjpe100_mm", "w_mpjpe100_mm", "rte_percent",
                "foot_sliding_mm")  # fmt: skip
        cells = " | ".join(f"{row[key]:.1f}" for key in keys)
        yield f"| {name} | {cells} | {row['jitter_10_m_s3']:.1f} ({row['jitter_real_10_m_s3']:.1f}) |"
    if "ours" in film:
        pose = film["blazepose"]
        yield ""
        yield (
            f"PA-MPJPE of the twelve limb joints in {film['films']} films: ours {film['ours']['limbs_pa_mpjpe_mm']:.1f} mm, "
            f"from exact keypoints {film['ours_exact']['limbs_pa_mpjpe_mm']:.1f} mm, BlazePose's own 3D "
            f"{pose['limbs_pa_mpjpe_mm']:.1f} mm, with its joints' mean offsets taken off "
            f"{pose.get('limbs_pa_mpjpe_calibrated_mm', float('nan')):.1f} mm. The detector is off by "
            f"{100 * film['keypoints_off_by_share_of_box']:.1f} % of the person box; {film['cameras_moving']} cameras turn, "
            f"{film['cameras_thought_moving']} were found to; {film['lost']} films were lost."
        )


def text(r: Report) -> Iterator[str]:
    found = r["retrieval"]
    if "left_out" in found:
        return
    yield from heads(
        f"**Prompts, judged by retrieval** ({found['samples']} captions in batches of 32).",
        " | R@1 | R@2 | R@3 | FID | distance | diversity",
    )
    for name in ("recorded", "takes", "shuffled_captions"):
        row = found[name]
        cells = [f"{row[f'r_precision_{k}']:.2f}" for k in (1, 2, 3)]
        cells += [f"{row[key]:.2f}" for key in ("fid", "multimodal_distance", "diversity")]
        yield f"| {name.replace('_', ' ')} | {' | '.join(cells)} |"
    lines = found["timelines"]
    parts = "; ".join(
        f"{parts} prompts on one timeline: {lines[parts]['segments_r_precision_3']:.2f} of the segments among the first three "
        f"of 32, jerk {lines[parts]['transition_jerk_m_s3']:.0f} at the change and "
        f"{lines[parts]['jerk_elsewhere_m_s3']:.0f} elsewhere"
        for parts in ("2", "3")
        if parts in lines
    )
    yield ""
    yield (
        f"FID between two halves of the recordings {found['fid_of_recorded_halves']:.2f}; multimodality "
        f"{found['multimodality']:.2f}. {parts} (m/s^3; recordings {lines['recorded_jerk_m_s3']:.0f})."
    )
    named = r["text"]
    yield ""
    yield (
        f"Ten prompts, {named['takes']} takes: {100 * named['recognised']:.0f} % lie nearest to the recordings of their own "
        f"prompt (recordings themselves {100 * named['recordings_recognised']:.0f} %, shuffled "
        f"{100 * named['shuffled']:.0f} %)."
    )
    yield ""
    yield "| prompt | recognised | speed (real) m/s | jitter (real) m/s^3 | skate, raw -> cleaned (real) m/s |"
    yield "| --- | --- | --- | --- | --- |"
    for prompt, row in named["prompts"].items():
        share = named["recognised_by_prompt"].get(prompt)
        yield (
            f"| {prompt} | {'-' if share is None else f'{100 * share:.0f} %'} | {row['speed_m_s']:.2f} "
            f"({row.get('speed_real_m_s', 0):.2f}) | {row['jitter_m_s3']:.0f} ({row.get('jitter_real_m_s3', 0):.0f}) | "
            f"{row['foot_skate_before_m_s']:.2f} -> {row['foot_skate_m_s']:.2f} "
            f"({row.get('foot_skate_real_m_s', 0):.2f}) |"
        )


def dance(r: Report) -> Iterator[str]:
    found = r["music"]
    yield from heads(
        f"**Music**, {found['tracks']} rendered tracks of {found['frames']} frames.",
        " | beat alignment | foot contact (PFC) | FIDk | diversity",
    )
    for name in ("recorded", "conditioned", "unconditioned"):
        row = found[name]
        fid = row.get("fid_kinetic")
        yield (
            f"| {name} | {row['beat_alignment']:.3f} | {row['physical_foot_contact']:.2f} | "
            f"{'-' if fid is None else f'{fid:.1f}'} | {row['diversity']:.2f} |"
        )
    if "songs" in found:
        songs = found["songs"]
        yield ""
        yield (
            f"{songs['excerpts']} excerpts of {songs['frames']} frames of real songs ({', '.join(songs['songs'])}): beat "
            f"alignment {songs['conditioned']:.3f} with the song, {songs['unconditioned']:.3f} without; on every second "
            f"beat {songs['half_conditioned']:.3f} and {songs['half_unconditioned']:.3f}. Of the beats that the extractor "
            f"hears {100 * songs['beats_heard_on_the_grid']:.0f} % lie on the known grid."
        )


def floor(r: Report) -> Iterator[str]:
    found = r["physics"]
    keys = ("skate_planted_m_s", "skate_height_m_s", "skate_contact_m_s", "resting_share", "floating_m", "penetration_m",
            "jitter_m_s3")  # fmt: skip
    yield from heads(
        f"**Floor**, {found['windows']} takes of validation captions.",
        " | planted skate m/s | skate by height m/s | skate in own contacts m/s | a foot rests | floating m | penetration m | jitter m/s^3",
    )
    for name in ("recorded", "raw", "cleaned"):
        row = found[name]
        cells = [f"{row[key]:.0f}" if key == "jitter_m_s3" else f"{row[key]:.3f}" for key in keys]
        yield f"| {name} | {' | '.join(cells)} |"


def mixed(r: Report) -> Iterator[str]:
    found = r["mixed"]
    if "video" not in found:
        return
    yield from heads(
        f"**Everything on one timeline** ({found['timelines']} timelines): each condition with the others, and alone.",
        "condition | with the others | alone | recording",
    )
    video, words, music, keys = (found[name] for name in ("video", "text", "music", "keys"))
    yield f"| video, MPJPE mm | {video['mpjpe_mm_together']:.1f} | {video['mpjpe_mm_alone']:.1f} | 0 |"
    yield (
        f"| prompt, distance to the caption | {words['distance_together']:.2f} | {words['distance_alone']:.2f} | "
        f"{words['distance_of_recording_alone']:.2f} |"
    )
    yield (
        f"| music, beat alignment | {music['beats_together']:.3f} | {music['beats_alone']:.3f} | "
        f"{music['beats_of_recording_alone']:.3f} |"
    )
    yield (
        f"| keys before correction | {keys['rotation_deg_together']:.1f} deg, {keys['root_position_mm_together']:.0f} mm | "
        f"{keys['rotation_deg_alone']:.1f} deg, {keys['root_position_mm_alone']:.0f} mm | 0 |"
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("report", type=Path)
    parser.add_argument("page", type=Path)
    arguments = parser.parse_args()
    report = json.loads(arguments.report.read_text("utf-8"))
    page = arguments.page.read_text("utf-8")
    before, rest = page.split(BEGIN)
    _, after = rest.split(END)
    made = "\n".join(tables(report))
    arguments.page.write_text(f"{before}{BEGIN}\n\n{made}\n\n{END}{after}", "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
