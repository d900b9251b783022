"""Rounds 32-bit floats to FP16 by numpy and to BF16 by ml_dtypes: base64 in, two times base64 of bit patterns out."""

import base64
import json
import sys

import ml_dtypes
import numpy as np

values = np.frombuffer(base64.b64decode(json.load(sys.stdin)), dtype=np.float32)
with np.errstate(all="ignore"):  # overflow, which is infinity
    rounded = [values.astype(dtype) for dtype in (np.float16, ml_dtypes.bfloat16)]
json.dump([base64.b64encode(array.tobytes()).decode() for array in rounded], sys.stdout)
