// SPDX-License-Identifier: Apache-2.0
// The reader of plan files: whatever the bytes are, it returns tasks that keep its promises, or one
// line that begins with the file and a line that it has.
#include "plan_file/error.hpp"
#include "plan_file/plan_file.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace {

void expect(bool holds, const char* what) {
    if (!holds) {
        std::fprintf(stderr, "plan_file_fuzz: %s\n", what);
        std::abort();
    }
}

void check_task(const twill::tool::file_task& task, std::size_t lines) {
    using namespace twill::tool;
    expect(!task.name.empty() && task.name.size() <= longest_name, "a name's length");
    expect(task.kind.size() <= longest_name, "a kind's length");
    expect(is_utf8(task.name) && is_utf8(task.kind), "UTF-8");
    expect(!task.time || (*task.time >= 0 && *task.time <= largest_time), "a time's range");
    expect(task.line >= 1 && task.line <= lines, "a task's line");
}

void check_error(std::string_view text, std::size_t lines) {
    constexpr std::string_view begin = "name:";
    expect(text.substr(0, begin.size()) == begin, "an error begins with the file");
    text.remove_prefix(begin.size());
    const std::size_t digits = std::min(text.find(':'), text.size());
    const unsigned long long line =
        std::strtoull(std::string(text.substr(0, digits)).c_str(), nullptr, 10);
    expect(line >= 1 && line <= lines, "an error's line");
    expect(text.size() > digits + 2 && text.size() < 2000, "an error has a reason");
    expect(std::none_of(text.begin(), text.end(),
                        [](char one) { return static_cast<unsigned char>(one) < 0x20; }),
           "an error is one line");
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes(reinterpret_cast<const char*>(data), size);
    const auto lines = 1 + static_cast<std::size_t>(std::count(bytes.begin(), bytes.end(), '\n'));
    try {
        const auto tasks = twill::tool::read_plan_file(bytes, "name");
        expect(!tasks.empty() && tasks.size() <= size, "the number of tasks");
        for (const twill::tool::file_task& task : tasks) {
            check_task(task, lines);
        }
    } catch (const twill::tool::file_error& error) {
        check_error(error.what(), lines);
    }
    return 0;
}
