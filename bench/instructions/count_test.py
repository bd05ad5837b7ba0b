#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The judgement of `count`: within the margin, beyond it on both sides, and unknown."""

import importlib.machinery
import importlib.util
import pathlib
import sys

sys.dont_write_bytecode = True
PATH = pathlib.Path(__file__).resolve().parent / "count"
LOADER = importlib.machinery.SourceFileLoader("count", str(PATH))
COUNT = importlib.util.module_from_spec(importlib.util.spec_from_loader("count", LOADER))
LOADER.exec_module(COUNT)

EXPECTED = {"x86_64 g++ 12": {"fib-value": 100.0}}
CASES = [(100.0, 0), (104.9, 0), (95.1, 0), (105.1, 1), (94.9, 1)]


def main():
    for measured, code in CASES:
        got, said = COUNT.judge("fib-value", measured, "x86_64 g++ 12", EXPECTED)
        assert got == code, (measured, got)
        assert "expected 100.00" in said and f"measured {measured:.2f}" in said, said
        assert ("expected.py" in said) == (code == 1), said
    for operation, on in (("skynet-loop", "x86_64 g++ 12"), ("fib-value", "x86_64 g++ 13")):
        got, said = COUNT.judge(operation, 7.5, on, EXPECTED)
        assert got == COUNT.SKIPPED and f'"{operation}": 7.50' in said, said


if __name__ == "__main__":
    main()
