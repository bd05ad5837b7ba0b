// SPDX-License-Identifier: Apache-2.0
// What 1e7 pending tasks of one thread take, and what is left of it after wait().
#include "harness/process.hpp"

#include <twill/twill.hpp>

#include <atomic>
#include <cstdio>
#include <cstdlib>

int main(int argc, char** argv) {
    const long count = argc > 1 ? std::atol(argv[1]) : 10'000'000;
    std::atomic<long> ran{0};
    twill::task_group group;
    group.run([&] { ++ran; }); // the runtime starts
    group.wait();
    const long before = bench::status_value("VmRSS") * 1024;
    long pending = 0;
    twill::parallel_invoke(
        [&] {
            for (long k = 0; k < count; ++k) {
                group.run([&] { ran.fetch_add(1, std::memory_order_relaxed); });
            }
            pending = bench::status_value("VmRSS") * 1024;
            group.wait();
        },
        [] {});
    const long after = bench::status_value("VmRSS") * 1024;
    std::printf("{\"tasks\": %ld, \"ran\": %ld, \"pending_bytes\": %ld, \"left_bytes\": %ld, "
                "\"right\": %s}\n",
                count, ran.load() - 1, pending - before, after - before,
                ran == count + 1 ? "true" : "false");
}
