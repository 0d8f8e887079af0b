"""The serving plane beside other ways to answer the same requests."""

import sys
from pathlib import Path

# the service stands alone, and is on no other part's path: what is measured is this clone's
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "serving"))
