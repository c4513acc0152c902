"""What the pipeline is measured against: the model's names alone, on every core, in processes of their own."""

import multiprocessing
import time
from collections.abc import Sequence
from multiprocessing.synchronize import Barrier

from worker.extraction.model import load_pipeline

START_SECONDS, RUN_SECONDS = 120.0, 900.0


def time_raw_model(texts: Sequence[str], model: str, processes: int) -> float:
    """Wall seconds for NER alone over the texts, one process per core, models loaded before the clock starts."""
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(processes + 1)
    workers = [
        context.Process(target=_run_model, args=(texts[place::processes], model, barrier)) for place in range(processes)
    ]
    for worker in workers:
        worker.start()
    barrier.wait(timeout=START_SECONDS)
    started = time.perf_counter()
    barrier.wait(timeout=RUN_SECONDS)
    seconds = time.perf_counter() - started
    for worker in workers:
        worker.join()
    return seconds


def _run_model(texts: Sequence[str], model: str, barrier: Barrier) -> None:
    nlp = load_pipeline(model)
    with nlp.select_pipes(enable=["ner"]):
        list(nlp.pipe(texts[:2]))
        barrier.wait(timeout=START_SECONDS)
        list(nlp.pipe(texts, batch_size=32))
        barrier.wait(timeout=RUN_SECONDS)
