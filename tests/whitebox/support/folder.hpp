// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

namespace twill::testing_support {

/// A directory of its own that goes away with everything in it.
class folder {
public:
    folder() {
        char name[] = "/tmp/twill-test-XXXXXX";
        if (::mkdtemp(name) == nullptr) {
            ADD_FAILURE() << "no directory";
        }
        path_ = name;
    }
    ~folder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    folder(const folder&) = delete;
    folder& operator=(const folder&) = delete;

    [[nodiscard]] const std::string& path() const { return path_; }

    /// Writes a file at a path below this directory, and the directories above it.
    void write(const std::string& below, const std::string& text) const {
        const std::filesystem::path whole = path_ + below;
        std::filesystem::create_directories(whole.parent_path());
        std::ofstream(whole) << text;
    }

private:
    std::string path_;
};

} // namespace twill::testing_support
