"""Between the layout of tables, by region and group, and that of the engine, by state."""

import numpy as np

from sim.axes import Array


def engine_layout(array: Array) -> Array:
    """Arrays by region and group as arrays by state.

    Parameters
    ----------
    array : (n, R, G[, 2], A) array
        By year, region, group, sex and age or cohort slot.

    Returns
    -------
    (n, A[, 2], K) array
        With K = R × G, contiguous.
    """
    flat = array.reshape(array.shape[0], -1, *array.shape[3:])
    return np.ascontiguousarray(np.moveaxis(np.moveaxis(flat, 1, -1), -2, 1))


def members(shape: tuple[int, int], regions: list[int], groups: list[int]) -> Array:
    """Mark the states of some regions and groups.

    Parameters
    ----------
    shape : (int, int)
        Numbers of regions and groups.
    regions, groups : list of int
        Places of those that are marked.

    Returns
    -------
    (R, G) array
        1 where marked, else 0.
    """
    marked = np.zeros(shape)
    marked[np.ix_(regions, groups)] = 1
    return marked


def with_open_slot(reached: Array) -> Array:
    """Values by age reached as values by cohort slot: both cohorts of the open age share its value.

    Parameters
    ----------
    reached : (..., A) array
        By the age reached on 31 December, the last open.

    Returns
    -------
    (..., A + 1) array
        By cohort slot; of length 1, as it came, where one value holds for all ages.
    """
    if reached.shape[-1] == 1:
        return reached
    return np.concatenate([reached, reached[..., -1:]], axis=-1)
