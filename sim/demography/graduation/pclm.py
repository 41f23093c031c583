"""Single ages out of age groups of any width by the penalised composite link model."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sim.axes import Array
from sim.demography.checks import checked
from sim.demography.graduation.spline import checked_groups, rescaled

SMOOTHING = 10.0 ** np.arange(8.0, -1.5, -0.5)
"""Penalties tried, from the stiffest on; 1 / SMOOTHING is the variance of second differences of beta it stands for."""
MOST_STEPS = 500
MOST_HALVINGS = 30
NEAR = 0.01
"""Largest change of a logarithm in the last step of a fit that only has to tell one penalty from another."""
ARRIVED = 1e-7
"""The same of the fit that is returned."""
CALMED = 1.5
"""Steps that turn back overshoot: they are divided by this, and multiplied by it again while they do not turn."""
TRIFLE = 1e-6
"""Share of the mean count of an age that is nobody: changes of logarithms there are not waited for."""
ROUNDING = 1e-12
"""Share of a loss that its last digits may be off."""
DIFFERENCES = 2
"""Order of the differences that are penalised; as many unknowns of a fit are not."""


class CompositeLink(NamedTuple):
    """Fit of the penalised composite link model."""

    rate: Array
    """(..., n) array: exp(beta); rates where exposure is given, expected counts where it is not."""
    expected: Array
    """(..., n) array: expected counts of the single ages; they sum to the totals of groups in all, not in each."""
    smoothing: Array
    """(...) array: lambda, the weight of the penalty."""
    effective_dimension: Array
    """(...) array: trace of the hat matrix, between 2 and the number of groups."""
    deviance: Array
    """(...) array: Poisson deviance of the groups."""


class _Model(NamedTuple):
    """What does not change from step to step; N rows, G groups, n single ages."""

    counts: Array
    """(N, G) array."""
    exposure: Array
    """(N, n) array."""
    member: Array
    """(n, G) array: 1 where a single age belongs to a group, 0 elsewhere; the transpose of C."""
    starts: NDArray[np.int64]
    """(G,) array: position of the first single age of each group."""
    lines: Array
    """(n, 2) array: orthonormal basis of what the penalty does not see."""
    kernel: Array
    """(n, n) array: pseudo-inverse of D'D, where D takes second differences."""


def pclm(edges: ArrayLike, group_totals: ArrayLike, smoothing: float | None = None) -> Array:
    """Divide counts of age groups into single ages by the penalised composite link model.

    Parameters
    ----------
    edges : (G + 1,) integer array_like
        First completed age of each group, rising, and the age at which the last group ends; for an open group the
        age at which nobody is left, such as 110.
    group_totals : (..., G) array_like
        Counts (persons, deaths), zero or more; G is 2 or more.
    smoothing : float, optional
        Weight of the penalty, above zero; without it the one of smallest AIC.

    Returns
    -------
    (..., edges[-1] - edges[0]) array
        Counts of the single ages, zero or more; every group keeps its total.

    Raises
    ------
    ValueError
        As `composite_link` does.

    Notes
    -----
    `composite_link` fits the groups only nearly. The last step multiplies the single ages of each group by the
    ratio of its total to their sum (`rescaled`). Rows without anybody have nobody at any age.
    """
    ages, counts = checked_groups(edges, group_totals)
    single = np.zeros((*counts.shape[:-1], int(ages[-1] - ages[0])))
    somebody = counts.sum(axis=-1) > 0
    if somebody.any():
        single[somebody] = composite_link(ages, counts[somebody], smoothing=smoothing).expected
    return rescaled(ages, single, counts)


def composite_link(
    edges: ArrayLike, group_totals: ArrayLike, *, exposure: ArrayLike | None = None, smoothing: float | None = None
) -> CompositeLink:
    """Fit smooth expected counts, or rates, of single ages to counts of age groups.

    Parameters
    ----------
    edges : (G + 1,) integer array_like
        First completed age of each group, rising, and the age at which the last group ends.
    group_totals : (..., G) array_like
        Counts, zero or more; G is 2 or more.
    exposure : (..., edges[-1] - edges[0]) array_like, optional
        Person-years of the single ages, above zero; the fit then is one of rates.
    smoothing : float, optional
        Weight lambda of the penalty, above zero; without it the one of `SMOOTHING` with the smallest AIC, row by row.

    Returns
    -------
    CompositeLink
        Rates, expected counts, lambda, effective dimension and deviance.

    Raises
    ------
    ValueError
        If counts are negative, not numbers, not one for each group, all zero or all in the first or the last group;
        if there is one group only; if exposure or smoothing is not above zero; or if the iteration does not arrive.

    Notes
    -----
    Counts y of groups are Poisson with means C gamma, gamma = exposure * exp(beta), where C sums single ages into
    groups; minus the logarithm of the likelihood plus lambda/2 times the sum of squared second differences of beta is
    minimised by iteratively reweighted least squares (Eilers 2007, Statistical Modelling 7; Rizzi, Gampe and Eilers
    2015, American Journal of Epidemiology 182(2), who choose lambda by AIC), here with one beta for each single age and
    steps that are halved where they do not descend. A step is taken in G + 2 unknowns instead of n: beta is a line plus
    K C' c, with K the pseudo-inverse of D'D and one multiplier c for each group. The model is for smooth curves: where
    empty and full groups alternate, steps may not arrive under the weaker penalties.
    """
    ages, counts = checked_groups(edges, group_totals, rows=True)
    _check_spread(counts)
    single = int(ages[-1] - ages[0])
    persons = 1.0 if exposure is None else checked(exposure, "exposures", low=np.finfo(float).tiny, length=single)
    if smoothing is not None and not (np.isfinite(smoothing) and smoothing > 0):
        message = f"smoothing is {smoothing:g}; allowed are finite numbers above zero"
        raise ValueError(message)
    persons = np.broadcast_to(persons, (*np.broadcast_shapes(counts.shape[:-1], np.shape(persons)[:-1]), single))
    cells = persons.shape[:-1]
    model = _Model(
        np.broadcast_to(counts, (*cells, counts.shape[-1])).reshape(-1, counts.shape[-1]),
        persons.reshape(-1, single),
        np.repeat(np.eye(len(ages) - 1), np.diff(ages), axis=0),
        ages[:-1] - ages[0],
        *_penalty(single),
    )
    fit = _best(model, SMOOTHING if smoothing is None else np.array([smoothing]))
    return CompositeLink(*(part.reshape((*cells, *part.shape[1:])) for part in fit))


def _check_spread(counts: Array) -> None:
    """Refuse rows that a falling or rising line of ever greater slope fits ever better."""
    if counts.shape[-1] < DIFFERENCES:
        message = "one group is too few; two or more are allowed"
        raise ValueError(message)
    for end, place in ((0, "first"), (-1, "last")):
        if (counts[..., end] == counts.sum(axis=-1)).any():
            message = f"all counts of a row lie in the {place} group; counts in another group are needed"
            raise ValueError(message)


@lru_cache(maxsize=4)
def _penalty(single: int) -> tuple[Array, Array]:
    """Orthonormal lines, and the pseudo-inverse of D'D from the sums that undo second differences."""
    place = np.arange(single, dtype=float)
    lines, _ = np.linalg.qr(np.stack([np.ones(single), place - place.mean()], axis=-1))
    undo = np.maximum(place[:, None] - place[: max(single - DIFFERENCES, 0)] - 1, 0)
    undo -= lines @ (lines.T @ undo)
    return lines, undo @ undo.T


def _best(model: _Model, penalties: Array) -> CompositeLink:
    """Fit under each penalty, starting from the one before, and keep in every row the one of smallest AIC."""
    rows = len(model.counts)
    beta = np.empty(model.exposure.shape)
    beta[...] = np.log(model.counts.sum(axis=-1) / model.exposure.sum(axis=-1))[:, None]
    smallest, best, penalty = np.full(rows, np.inf), beta.copy(), np.empty(rows)
    for tried in penalties:
        beta, dimension = _fit(model, beta, np.full(rows, tried), NEAR)
        criterion = 2 * (_loss(model, beta) + dimension)
        better = criterion < smallest
        smallest[better], best[better], penalty[better] = criterion[better], beta[better], tried
    beta, dimension = _fit(model, best, penalty, ARRIVED)
    rate = np.exp(beta)
    return CompositeLink(rate, model.exposure * rate, penalty, dimension, 2 * _loss(model, beta))


def _fit(model: _Model, beta: Array, penalty: Array, near: float) -> tuple[Array, Array]:
    """Minimise deviance and penalty from a first beta on; the effective dimension is that before the last step.

    A row that has arrived stays where it is, so that it does not depend on its neighbours.
    """
    loss, before, share = _loss(model, beta, penalty), np.zeros(beta.shape), np.ones(len(penalty))
    moving, dimension = np.ones(len(penalty), dtype=bool), np.empty(len(penalty))
    for _ in range(MOST_STEPS):
        step, now = _step(model, beta, penalty)
        dimension[moving] = now[moving]
        length = _length(model, beta, step)
        turns = np.einsum("ra,ra->r", step, before) < 0
        share = np.where(turns, share / CALMED, np.minimum(share * CALMED, 1))
        step *= (share * moving)[:, None]
        before = step.copy()
        beta, loss = _descend(model, beta, step, penalty, loss)
        moving &= ~(length < near)
        if not moving.any():
            return beta, dimension
    length[~moving] = 0
    row = int(length.argmax())
    message = (
        f"the fit of row {row} with smoothing {penalty[row]:g} still moves by {length[row]:g} after {MOST_STEPS} "
        f"steps; allowed is {near:g}"
    )
    raise ValueError(message)


def _length(model: _Model, beta: Array, step: Array) -> Array:
    """Largest change of a logarithm of every row; one that changes next to nobody counts for next to nothing.

    Where a group is empty the logarithms of its ages fall without end, while their counts are nil.
    """
    gamma = model.exposure * np.exp(beta)
    trifle = TRIFLE * model.counts.sum(axis=-1, keepdims=True) / gamma.shape[-1]
    length: Array = (np.abs(step) * (gamma / (gamma + trifle))).max(axis=-1)
    return length


def _descend(model: _Model, beta: Array, step: Array, penalty: Array, loss: Array) -> tuple[Array, Array]:
    """Take a step, halved in the rows in which the loss would rise; steps are changed in place."""
    allowed = loss + ROUNDING * (loss + model.counts.sum(axis=-1))
    for _ in range(MOST_HALVINGS):
        taken = beta + step
        new = _loss(model, taken, penalty)
        rises = ~(new <= allowed)
        if not rises.any():
            break
        step[rises] /= 2
    return taken, new


def _loss(model: _Model, beta: Array, penalty: Array | None = None) -> Array:
    """Half the deviance of every row, plus half the penalty if there is one."""
    with np.errstate(over="ignore", divide="ignore", invalid="ignore"):
        mean = (model.exposure * np.exp(beta)) @ model.member
        ratio = np.where(model.counts > 0, model.counts / mean, 1)
        loss: Array = (model.counts * np.log(ratio) - model.counts + mean).sum(axis=-1)
    if penalty is not None:
        bends = beta[:, 2:] - 2 * beta[:, 1:-1] + beta[:, :-2]
        loss += penalty / 2 * (bends * bends).sum(axis=-1)
    return loss


def _step(model: _Model, beta: Array, penalty: Array) -> tuple[Array, Array]:
    """Step of iteratively reweighted least squares, and the trace of the hat matrix before it.

    The equations are scaled by the roots of the means, so that weights are 1; the trace is the number of groups less
    the penalty times the trace of the inverse over groups.
    """
    rows, groups = model.counts.shape
    gamma = model.exposure * np.exp(beta)
    mean = gamma @ model.member
    root = np.sqrt(mean)
    scaled = (gamma / (root @ model.member.T))[:, :, None]
    spread = model.member * scaled
    left = np.zeros((rows, groups + DIFFERENCES, groups + DIFFERENCES))
    left[:, :groups, :groups] = np.add.reduceat(scaled * model.kernel, model.starts, axis=1) @ spread
    left[:, range(groups), range(groups)] += penalty[:, None]
    left[:, :groups, groups:] = np.add.reduceat(scaled * model.lines, model.starts, axis=1)
    left[:, groups:, :groups] = left[:, :groups, groups:].transpose(0, 2, 1)
    right = np.zeros((rows, groups + DIFFERENCES, groups + 1))
    right[:, :groups, 0] = (model.counts - mean + (gamma * beta) @ model.member) / root
    right[:, range(groups), range(1, groups + 1)] = 1
    solved = np.linalg.solve(left, right)
    curve = (spread @ solved[:, :groups, :1])[..., 0] @ model.kernel
    line = solved[:, groups:, 0] @ model.lines.T
    return curve + line - beta, groups - penalty * np.trace(solved[:, :groups, 1:], axis1=1, axis2=2)
