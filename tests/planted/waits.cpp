// SPDX-License-Identifier: Apache-2.0
#include "waits.hpp"

#include <cerrno>
#include <system_error>
#include <unistd.h>

namespace planted {

answering_machine::answering_machine() : thread_([this] { answer_all(); }) {}

answering_machine::~answering_machine() {
    {
        const std::scoped_lock lock(mutex_);
        ended_ = true;
    }
    changed_.notify_one();
    thread_.join();
}

void answering_machine::ask(std::chrono::microseconds time) {
    int ends[2];
    if (pipe(ends) != 0) {
        throw std::system_error(errno, std::generic_category(), "pipe");
    }
    {
        const std::scoped_lock lock(mutex_);
        open_.push({clock::now() + time, ends[1]});
    }
    changed_.notify_one();
    char answer = 0;
    const bool came = read(ends[0], &answer, 1) == 1;
    const int why = errno;
    close(ends[0]);
    close(ends[1]);
    if (!came) {
        throw std::system_error(why, std::generic_category(), "read");
    }
}

void answering_machine::answer_all() {
    std::unique_lock lock(mutex_);
    while (!ended_) {
        if (open_.empty()) {
            changed_.wait(lock);
        } else if (const question first = open_.top(); clock::now() < first.due) {
            changed_.wait_until(lock, first.due);
        } else {
            open_.pop();
            const char answer = 1;
            // Nobody is there to be told: without the byte the reader waits until a time-out.
            [[maybe_unused]] const ssize_t written = write(first.pipe, &answer, 1);
        }
    }
}

} // namespace planted
