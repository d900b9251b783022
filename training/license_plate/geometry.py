"""Plane homographies, and where the corners of a tilted plate are seen."""

import numpy as np


def homography(source, target) -> np.ndarray:
    """The 3 x 3 matrix that takes four points to four others (Hartley and Zisserman, Multiple View Geometry, 4.1)."""
    rows, values = [], []
    for (x, y), (u, v) in zip(source, target, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        values += [u, v]
    return np.append(np.linalg.solve(np.array(rows, float), np.array(values, float)), 1.0).reshape(3, 3)


def project(matrix: np.ndarray, points) -> np.ndarray:
    """Points [N, 2] through a homography."""
    ends = np.concatenate([np.asarray(points, float), np.ones((len(points), 1))], axis=1) @ matrix.T
    return ends[:, :2] / ends[:, 2:]


def rectangle(width: float, height: float) -> np.ndarray:
    """The corners of an upright rectangle at the origin: upper left, upper right, lower right, lower left."""
    return np.array([[0, 0], [width, 0], [width, height], [0, height]], float)


def tilted(width: float, height: float, roll: float, yaw: float, pitch: float) -> np.ndarray:
    """
    The corners of a rectangle about the origin, turned in space by three angles (degrees) and seen from five times its
    width away; scaled so that its upper and lower edges are `width` long on average.
    """
    corners = np.column_stack([rectangle(width, height) - [width / 2, height / 2], np.zeros(4)])
    r, y, p = np.radians([roll, yaw, pitch])
    about_x = np.array([[1, 0, 0], [0, np.cos(p), -np.sin(p)], [0, np.sin(p), np.cos(p)]])
    about_y = np.array([[np.cos(y), 0, np.sin(y)], [0, 1, 0], [-np.sin(y), 0, np.cos(y)]])
    about_z = np.array([[np.cos(r), -np.sin(r), 0], [np.sin(r), np.cos(r), 0], [0, 0, 1]])
    points = corners @ (about_z @ about_y @ about_x).T
    distance = 5 * width
    flat = points[:, :2] * (distance / (distance + points[:, 2:]))
    upper, lower = np.linalg.norm(flat[1] - flat[0]), np.linalg.norm(flat[2] - flat[3])
    return flat * (2 * width / (upper + lower))


def widened(corners: np.ndarray, share: float) -> np.ndarray:
    """The corners moved outwards, by a share of the plate's sides, along the plate's own plane."""
    unit = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    outer = unit * (1 + 2 * share) - share
    return project(homography(unit, corners), outer)
