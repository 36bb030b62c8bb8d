"""Answer every row of a file with a published model."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from app.jobs.context import Job
from app.jobs.workplace import JobFiles
from engine.serving.predict import predict_file as answer_file
from engine.specs.codec import to_json
from store.folder import PRIVATE_FOLDER


def predict_file(job: Job) -> dict[str, Any]:
    """Write the answers into the job's results folder.

    Arguments: model_id, version; source: name of the file in the job's source folder; format: "csv" or "parquet";
        keep_columns.
    Returns:   the summary as JSON values, with the bare file name as "out".   Raises: AimassError.
    """
    files, told = JobFiles(job.folder), job.arguments
    model = job.data.model_version(str(told["model_id"]), int(told["version"])) / "model.onnx"
    files.results.mkdir(mode=PRIVATE_FOLDER, exist_ok=True)
    out = files.results.resolve() / f"predictions.{told['format']}"
    # From within, so that a message names the file as its owner does, and not the server's folders.
    os.chdir(files.source)
    summary = answer_file(
        model,
        Path(str(told["source"])),
        out,
        keep_columns=bool(told["keep_columns"]),
        limits=job.limits(max_unpacked_bytes=int(told["max_bytes"])),
        progress=job.progress,
    )
    return {**to_json(summary), "out": out.name, "bytes": out.stat().st_size}
