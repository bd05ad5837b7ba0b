// SPDX-License-Identifier: Apache-2.0
// closer PLUGIN PLUGIN: plug-ins are opened, used and closed again while the other one goes on, by
// an executable that knows nothing of Twill; what they have named is still told afterwards.
#include "opened.hpp"

#include <thread>

namespace {

constexpr int rounds = 20;

int wrong = 0;

void expect(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "wrong: %s\n", what);
        ++wrong;
    }
}

void use(const opened& one) {
    expect(one.leaves_things(), "its loop and its exception");
    expect(one.fork_is_stolen(), "its fork is stolen");
}

} // namespace

int main(int count, char** arguments) {
    if (count != 3) {
        return 2;
    }
    unsigned long tasks = 0;
    for (int round = 0; round < rounds && wrong == 0; ++round) {
        opened one(arguments[1]);
        opened other(arguments[2]);
        use(one);
        use(other);
        expect(other.named_tasks() > tasks, "the tasks of both are counted");
        tasks = other.named_tasks();
        expect(one.close(), "the first is gone");
        use(other);
        expect(other.named_tasks() > tasks, "what the first has named is told");
        tasks = other.named_tasks();
        // By a thread that has never entered, and ends before the code that it has run is gone.
        std::thread([&] { use(other); }).join();
        expect(other.close(), "the second is gone");
    }
    return wrong == 0 ? 0 : 1;
}
