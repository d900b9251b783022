"""Pictures to models' inputs, as the service samples them: bilinear, several samples averaged where a map shrinks."""

import numpy as np

# Maps that shrink by more than this average n x n samples for each output pixel, n at most `MAX_SAMPLES`.
SUPERSAMPLE_ABOVE = 1.5
MAX_SAMPLES = 8


def sample(pixels: np.ndarray, matrix: np.ndarray, width: int, height: int) -> np.ndarray:
    """
    Samples a picture [H, W, 3] through a homography from output pixels to the picture's; pixel centres at +0.5, edge
    pixels repeated. How far the map shrinks is the root of the ratio of areas between the output and where its corners lie.
    Returns float64 [height, width, 3].
    """
    corners = _project(matrix, np.array([0.0, width, width, 0]), np.array([0.0, 0, height, height]))
    area = abs(_shoelace(*corners)) / (width * height)
    scale = np.sqrt(area)
    n = min(MAX_SAMPLES, int(np.rint(scale))) if scale > SUPERSAMPLE_ABOVE else 1
    offsets = (np.arange(n) + 0.5) / n
    xs = (np.arange(width)[:, None] + offsets).ravel()
    ys = (np.arange(height)[:, None] + offsets).ravel()
    grid_x, grid_y = np.meshgrid(xs, ys)
    x, y = _project(matrix, grid_x, grid_y)
    values = _bilinear(pixels, x - 0.5, y - 0.5)
    return values.reshape(height, n, width, n, 3).mean(axis=(1, 3))


def luma(pixels: np.ndarray) -> np.ndarray:
    """Rec. 601 luma of RGB."""
    return pixels @ np.array([0.299, 0.587, 0.114])


def _project(matrix: np.ndarray, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    w = matrix[2, 0] * x + matrix[2, 1] * y + matrix[2, 2]
    return (
        (matrix[0, 0] * x + matrix[0, 1] * y + matrix[0, 2]) / w,
        (matrix[1, 0] * x + matrix[1, 1] * y + matrix[1, 2]) / w,
    )


def _shoelace(x: np.ndarray, y: np.ndarray) -> float:
    return float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1))) / 2


def _bilinear(pixels: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    height, width = pixels.shape[:2]
    left, upper = np.floor(x), np.floor(y)
    wx, wy = (x - left)[..., None], (y - upper)[..., None]
    x0, x1 = (np.clip(left + d, 0, width - 1).astype(int) for d in (0, 1))
    y0, y1 = (np.clip(upper + d, 0, height - 1).astype(int) for d in (0, 1))
    source = pixels.astype(float)
    above = source[y0, x0] * (1 - wx) + source[y0, x1] * wx
    below = source[y1, x0] * (1 - wx) + source[y1, x1] * wx
    return above * (1 - wy) + below * wy
