// SPDX-License-Identifier: Apache-2.0
// conformance_child_checked [nested]: compiled without NDEBUG, so that the headers check more. A
// task waits for its own group, and with `nested` does so inside of a verb.
#include <twill/twill.hpp>

int main(int argc, char** /*argv*/) {
    twill::task_group group;
    group.run([&group, nested = argc > 1] {
        if (nested) {
            twill::parallel_invoke([&group] { group.wait(); }, [] {});
        } else {
            group.wait();
        }
    });
    group.wait();
}
