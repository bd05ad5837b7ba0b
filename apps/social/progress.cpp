// SPDX-License-Identifier: Apache-2.0
#include "progress.hpp"

#include <boost/timer/progress_display.hpp>

#include <iostream>
#include <unistd.h>

namespace social {

struct progress::bar {
    boost::timer::progress_display display;
};

progress::progress(std::size_t steps) {
    if (steps > 0 && ::isatty(STDERR_FILENO) == 1) {
        bar_.reset(new bar{boost::timer::progress_display(steps, std::cerr, "")});
    }
}

progress::~progress() = default;

void progress::advance() {
    if (bar_ != nullptr) {
        ++bar_->display;
    }
}

} // namespace social
