"""Batches of training windows from a prepared training set."""


class MotionWindows:
    """Random windows of a prepared training set, with every condition that can be made from motion.

    ``MotionWindows(folder, split="train", frames=120, batch=16, seed=0, body=body)``; ``windows.batch_at(step)``
    depends on (seed, step) only, so that training resumes exactly. A batch is a dict; B items, L frames:

    ===================  =======================  =================================================================
    ``rotations``        (B, L, 22, 3, 3) float32  local rotation matrices in SMPL order; joint 0 is the world
                                                   orientation (y up); random yaw, mirrored half of the time
    ``translation``      (B, L, 3) float32         SMPL ``transl``, m; x = z = 0 at frame 0
    ``betas``            (B, 10) float32           small random shape (half of the items: zeros)
    ``joint_weight``     (B, 22) float32           1 told by the source, 0.5 spread between neighbours, 0 unknown
    ``contacts``         (B, L, 6) float32         1 where skeleton.CONTACT_JOINTS rest (speed < 0.15 m/s)
    ``valid``            (B, L) bool               frames that are real; padding repeats the last real frame
    ``caption``          list[str]                 B captions, "" where there is none
    ``text_index``       (B, 2) int64              rows of ``windows.vocabulary`` (list[str]); -1 = no prompt
    ``text_span``        (B, 2, 2) int64           frames [start, stop) of each prompt
    ``music``            (B, L, 35) float32        features as extract.music makes them; 0 where there is none
    ``has_music``        (B, L) bool
    ``world_to_camera``  (B, L, 3, 3) float32      camera axes x right, y down, z forward
    ``camera_position``  (B, L, 3) float32         m, world; x_cam = world_to_camera @ (x_world - camera_position)
    ``intrinsics``       (B, L, 3, 3) float32      pixels
    ``image_size``       (B, 2) float32            width, height, pixels
    ``keypoints``        (B, L, 17, 3) float32     COCO-17, noisy: x, y in pixels, confidence 0..1 (0 = unseen)
    ``bbox_xys``         (B, L, 3) float32         person box: centre x, y and side, pixels
    ``cliffcam``         (B, L, 3) float32         (cx - W/2, cy - H/2, side) / focal, from ``bbox_xys``
    ``cam_angvel``       (B, L, 6) float32         6D of R(t+1) R(t)^T
    ``has_2d``           (B, L) bool
    ``clip``             list[str]                 clip ids, for looking at
    ===================  =======================  =================================================================
    """
