// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <memory>

namespace social {

/// A bar on standard error that fills as steps end; if standard error is no terminal, nothing.
class progress {
public:
    /// No bar either if there are no steps.
    explicit progress(std::size_t steps);
    ~progress();
    progress(const progress&) = delete;
    progress& operator=(const progress&) = delete;

    void advance();

private:
    struct bar;
    std::unique_ptr<bar> bar_;
};

} // namespace social
