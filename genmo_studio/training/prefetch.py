"""Build the batches of coming steps in worker processes, so that a fast device does not wait for NumPy."""

from collections.abc import Callable, Iterator
from typing import Any

from torch.utils.data import DataLoader, Dataset, Sampler

from genmo_studio.training.dataset import Batch, MotionWindows

Opener = Callable[[], MotionWindows]
"""Makes the windows inside a worker; must be picklable (a functools.partial of MotionWindows)."""


class _Steps(Dataset[Any]):
    """Batch of a step by its number; the training set is opened on first use in each process."""

    def __init__(self, opener: Opener, transform: Callable[[Batch, int], Any] | None) -> None:
        self.opener, self.transform = opener, transform
        self.windows: MotionWindows | None = None

    def __getitem__(self, step: int) -> Any:
        if self.windows is None:
            self.windows = self.opener()
        batch = self.windows.batch_at(step)
        return batch if self.transform is None else self.transform(batch, step)


class _From(Sampler[int]):
    """Step numbers from ``start`` on, without end or up to ``stop``."""

    def __init__(self, start: int, stop: int | None) -> None:
        self.start, self.stop = start, stop

    def __iter__(self) -> Iterator[int]:
        step = self.start
        while self.stop is None or step < self.stop:
            yield step
            step += 1


def _unchanged(batch: Any) -> Any:
    return batch


def batches(
    opener: Opener,
    *,
    start: int = 0,
    stop: int | None = None,
    workers: int,
    ahead: int = 4,
    transform: Callable[[Batch, int], Any] | None = None,
) -> Iterator[Any]:
    """``opener().batch_at(step)`` for step = start, start + 1, ... in order, built by ``workers`` processes.

    The same batches as without workers: a batch depends on the seed and its step only. ``transform(batch, step)`` runs
    in the workers too (it must be picklable). Each worker keeps ``ahead`` batches ready. 0 workers: built when asked.
    """
    loader = DataLoader(
        _Steps(opener, transform),
        batch_size=None,
        sampler=_From(start, stop),
        num_workers=workers,
        prefetch_factor=ahead if workers else None,
        collate_fn=_unchanged,
        multiprocessing_context="spawn" if workers else None,
    )
    yield from loader
