// SPDX-License-Identifier: Apache-2.0
// conformance_child_checked WHAT [HOW]: compiled without NDEBUG, so that the headers check more.
//   group [nested]  a task waits for its own group, and with `nested` does so inside of a verb
//   context HOW     an experimental::context is used where it does not belong
//   context right   and where it does: exits with 0
#include <twill/twill.hpp>

#include <twill/experimental/context.hpp>

#include <cstdlib>
#include <string>
#include <thread>

namespace {

using twill::experimental::context;

int wait_for_own_group(bool nested) {
    twill::task_group group;
    group.run([&group, nested] {
        if (nested) {
            twill::parallel_invoke([&group] { group.wait(); }, [] {});
        } else {
            group.wait();
        }
    });
    group.wait();
    return 0;
}

int fib(context here, int n) {
    if (n < 2) {
        return n;
    }
    const auto [a, b] = twill::experimental::parallel_invoke(
        here, [n](context first) { return fib(first, n - 1); },
        [n](context second) {
            return twill::experimental::as_plain(second, [n] {
                return twill::experimental::run([n](context c) { return fib(c, n - 2); });
            });
        });
    return a + b;
}

void misuse(context here, const std::string& how) {
    const auto use = [here] {
        twill::experimental::parallel_invoke(here, [](context) {}, [](context) {});
    };
    if (how == "outside") {
        std::thread(use).join();
    } else if (how == "elsewhere") {
        std::thread([&use] { twill::experimental::run([&use](context) { use(); }); }).join();
    } else if (how == "plain") {
        twill::parallel_invoke(use, [] {});
    } else if (how == "as_plain") {
        twill::parallel_invoke([here] { twill::experimental::as_plain(here, [] {}); }, [] {});
    } else if (how == "section") {
        twill::blocking(use);
    }
}

int use_context(const std::string& how) {
    if (how == "right") {
        const int plain = twill::experimental::run([](context c) { return fib(c, 18); });
        return plain == 2584 ? EXIT_SUCCESS : EXIT_FAILURE;
    }
    // Under a fork, so that the list is not empty.
    twill::experimental::run([&how](context c) {
        twill::experimental::parallel_invoke(
            c, [&how](context inner) { misuse(inner, how); }, [](context) {});
    });
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    const std::string what = argc > 1 ? argv[1] : "";
    const std::string how = argc > 2 ? argv[2] : "";
    return what == "context" ? use_context(how) : wait_for_own_group(how == "nested");
}
