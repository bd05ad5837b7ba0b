# SPDX-License-Identifier: Apache-2.0
"""Instructions of each operation, by processor and compiler. bench/instructions/README.md says when
a number is to be changed."""

EXPECTED = {
    "x86_64 g++ 12": {
        "fib-value": 25.34,
        "fib-reference": 37.66,
        "fib-context": 23.68,
        "skynet-loop": 255.02,
        "launch-outside": 1278.51,
        "launch-inside": 184.01,
    },
    "x86_64 clang++ 19": {
        "fib-value": 29.15,
        "fib-reference": 42.00,
        "fib-context": 27.39,
        "skynet-loop": 247.82,
        "launch-outside": 1033.24,
        "launch-inside": 172.03,
    },
}
