"""The 24-joint SMPL skeleton: names, parents, mirror pairs and regions."""

JOINTS: tuple[str, ...] = (
    "pelvis", "left_hip", "right_hip", "spine1", "left_knee", "right_knee", "spine2", "left_ankle", "right_ankle",
    "spine3", "left_foot", "right_foot", "neck", "left_collar", "right_collar", "head", "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hand", "right_hand",
)  # fmt: skip
"""SMPL's joint order."""

PARENTS: tuple[int, ...] = (-1, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 12, 13, 14, 16, 17, 18, 19, 20, 21)
"""Parent of each joint; -1 at the root. Parents come before children."""

JOINT_COUNT = len(JOINTS)
BODY_JOINT_COUNT = 22
"""Joints whose rotation the 151-channel representation holds (the two hands stay at rest)."""

INDEX: dict[str, int] = {name: index for index, name in enumerate(JOINTS)}

MIRROR: tuple[int, ...] = tuple(
    INDEX[
        name.replace("left_", "right_")
        if name.startswith("left_")
        else name.replace("right_", "left_")
        if name.startswith("right_")
        else name
    ]
    for name in JOINTS
)
"""Index of each joint's mirror image."""

CONTACT_JOINTS: tuple[int, ...] = (7, 10, 8, 11, 20, 21)
"""left ankle, left foot, right ankle, right foot, left wrist, right wrist: order of the release's static_conf head."""

REGIONS: dict[str, tuple[int, ...]] = {
    "full": tuple(range(BODY_JOINT_COUNT)),
    "upper": (3, 6, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21),
    "lower": (0, 1, 2, 4, 5, 7, 8, 10, 11),
    "left_arm": (13, 16, 18, 20),
    "right_arm": (14, 17, 19, 21),
    "left_leg": (1, 4, 7, 10),
    "right_leg": (2, 5, 8, 11),
    "spine": (3, 6, 9, 12, 15),
    "root": (0,),
}
"""Body regions used for selection and partial regeneration."""
