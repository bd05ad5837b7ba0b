// SPDX-License-Identifier: Apache-2.0
#pragma once

/// \file
/// Calls that block for a known time: a sleep, and a read from a pipe that another thread answers.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <functional>
#include <mutex>
#include <queue>
#include <thread>
#include <vector>

namespace planted {

using clock = std::chrono::steady_clock;

/// A thread that writes a byte into a pipe once its time has come, for any number of pipes.
class answering_machine {
public:
    answering_machine();
    ~answering_machine();
    answering_machine(const answering_machine&) = delete;
    answering_machine& operator=(const answering_machine&) = delete;

    /// Asks, and reads the answer from a pipe: blocks the calling thread for `time`.
    /// Throws std::system_error if there is no pipe to be had, or the answer does not come.
    void ask(std::chrono::microseconds time);

private:
    struct question {
        clock::time_point due;
        int pipe;
        bool operator>(const question& other) const { return due > other.due; }
    };
    void answer_all();

    std::mutex mutex_;
    std::condition_variable changed_;
    std::priority_queue<question, std::vector<question>, std::greater<>> open_;
    bool ended_ = false;
    std::thread thread_; // last: it uses the others
};

} // namespace planted
