"""The machine that a figure was measured on, and how figures are shown."""

from __future__ import annotations

import os
import platform
import statistics
import sys
from collections.abc import Sequence
from pathlib import Path


def memory_mb(process: int | str = "self") -> dict[str, float]:
    """A process's resident memory in MB: `peak` since its start, and `now`."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    found = dict(line.split(":", 1) for line in lines if ":" in line)
    return {
        name: int(found[field].split()[0]) / 1024
        for name, field in (("peak", "VmHWM"), ("now", "VmRSS"))
    }


def machine() -> str:
    """Cores and processor of this machine, and its GPU if torch is loaded and sees one."""
    info, name = Path("/proc/cpuinfo"), platform.processor()
    if info.exists():
        lines = info.read_text().splitlines()
        name = next((x.split(":")[1].strip() for x in lines if x.startswith("model name")), name)
    torch = sys.modules.get("torch")
    gpu = f" and {torch.cuda.get_device_name()}" if torch and torch.cuda.is_available() else ""
    return f"{os.cpu_count()} cores of {name}{gpu}"


def spread(values: Sequence[float]) -> str:
    """Median, least and most, as a table's cell."""
    return f"{statistics.median(values):.0f} ({min(values):.0f}-{max(values):.0f})"
