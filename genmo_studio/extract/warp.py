"""Cutting and shrinking pictures: what the pose networks and the camera tracker look at."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from genmo_studio.shapes import Float, UInt8

Image = UInt8[NDArray[np.uint8], "height width 3"]


def shrink(image: NDArray[np.uint8], factor: int) -> Float[NDArray[np.float32], "height width 3"]:
    """Means of ``factor`` x ``factor`` pixels; a rest at the right and the bottom is left out."""
    return np.asarray(_shrunk(image, factor)[0].permute(1, 2, 0).numpy(), np.float32)


def square_crop(
    image: Image, *, centre: Float[NDArray[np.float64], "2"], side: float, angle: float, size: int
) -> tuple[Float[NDArray[np.float32], "size size 3"], Float[NDArray[np.float64], "2 3"]]:
    """A turned square of the picture, bilinear, black outside; values 0..255.

    ``centre`` and ``side`` are pixels, ``angle`` (rad) turns the square clockwise. Returns the crop and the affine map
    (2, 3) from crop to picture coordinates; in both, (0, 0) is the outer corner of the first pixel.
    """
    scale = side / size
    cosine, sine = np.cos(angle) * scale, np.sin(angle) * scale
    turn = np.array([[cosine, -sine], [sine, cosine]])
    to_image = np.concatenate([turn, (centre - turn @ [size / 2, size / 2])[:, None]], axis=1)
    corners = np.array([[0, 0], [size, 0], [0, size], [size, size]]) @ turn.T + to_image[:, 2]
    factor = max(1, int(scale))  # shrink first where bilinear sampling alone would alias
    limit = np.array(image.shape[1::-1])
    low = np.clip(np.floor(corners.min(axis=0)).astype(np.int64) - factor, 0, limit)
    high = np.clip(np.ceil(corners.max(axis=0)).astype(np.int64) + 2 * factor, 0, limit)
    if ((high - low) < factor).any():
        return np.zeros((size, size, 3), np.float32), to_image
    part = _shrunk(image[low[1] : high[1], low[0] : high[0]], factor)
    # affine_grid and grid_sample count from -1 to 1 over the outer corners of the crop and of the part.
    extent = np.array([part.shape[3], part.shape[2]]) * factor
    middle = turn @ [size / 2, size / 2] + to_image[:, 2] - low
    theta = np.concatenate([turn * (size / extent)[:, None], (2 * middle / extent - 1)[:, None]], axis=1)
    grid = functional.affine_grid(
        torch.from_numpy(theta[None].astype(np.float32)), [1, 3, size, size], align_corners=False
    )
    crop = functional.grid_sample(part, grid, mode="bilinear", padding_mode="zeros", align_corners=False)
    return np.ascontiguousarray(crop[0].permute(1, 2, 0).numpy()), to_image


def _shrunk(image: NDArray[np.uint8], factor: int) -> torch.Tensor:
    """(1, 3, H / factor, W / factor) float32, values 0..255."""
    planes = torch.from_numpy(np.ascontiguousarray(image)).permute(2, 0, 1)[None].float()
    return planes if factor <= 1 else functional.avg_pool2d(planes, factor)
