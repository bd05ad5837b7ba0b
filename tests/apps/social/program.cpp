// SPDX-License-Identifier: Apache-2.0
#include "program.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace social {
namespace {

constexpr int could_not_run = 126;

/// The two ends of a terminal.
struct terminal {
    int controller = -1;
    std::string path;

    terminal() : controller(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
        char name[128];
        if (controller < 0 || ::grantpt(controller) != 0 || ::unlockpt(controller) != 0 ||
            ::ptsname_r(controller, name, sizeof name) != 0) {
            throw std::runtime_error("no terminal");
        }
        path = name;
    }
    ~terminal() { ::close(controller); }
    terminal(const terminal&) = delete;
    terminal& operator=(const terminal&) = delete;

    [[nodiscard]] std::string read() const {
        std::string text;
        char part[4096];
        for (ssize_t got = 0; (got = ::read(controller, part, sizeof part)) > 0;) {
            text.append(part, static_cast<std::size_t>(got));
        }
        return text;
    }
};

/// In the child: makes `number` refer to the file.
void redirect(int number, const std::string& path, int flags) {
    const int file = ::open(path.c_str(), flags | O_NOCTTY, 0600);
    if (file < 0 || ::dup2(file, number) != number) {
        ::_exit(could_not_run);
    }
    ::close(file);
}

} // namespace

std::string contents(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

scratch::scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "social_test.XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("no scratch directory");
    }
    root_ = pattern;
    // The unprivileged runs have to get in.
    std::filesystem::permissions(root_, std::filesystem::perms(0755));
}

scratch::~scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(root_, ignored);
}

std::string scratch::file(const std::string& name, const std::string& bytes) const {
    std::ofstream(path(name), std::ios::binary) << bytes;
    return path(name);
}

answer run_social(const std::vector<std::string>& arguments, const circumstances& how) {
    const scratch room;
    const std::string in = room.file("in", how.in);
    const std::string out = how.out_path.empty() ? room.path("out") : how.out_path;
    std::vector<char*> words{const_cast<char*>(SOCIAL_PROGRAM)};
    for (const std::string& argument : arguments) {
        words.push_back(const_cast<char*>(argument.c_str()));
    }
    words.push_back(nullptr);
    const terminal tty;
    const std::string err = how.on_terminal ? tty.path : room.path("err");

    const pid_t child = ::fork();
    if (child == 0) {
        redirect(STDIN_FILENO, in, O_RDONLY);
        redirect(STDOUT_FILENO, out, O_WRONLY | O_CREAT);
        redirect(STDERR_FILENO, err, O_WRONLY | O_CREAT);
        constexpr unsigned nobody = 65534;
        if (how.unprivileged && ::geteuid() == 0 &&
            (::setgid(nobody) != 0 || ::setuid(nobody) != 0)) {
            ::_exit(could_not_run);
        }
        ::execv(SOCIAL_PROGRAM, words.data());
        ::_exit(could_not_run);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child) {
        throw std::runtime_error("the program could not be run");
    }
    answer got;
    got.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    got.out = how.out_path.empty() ? contents(out) : std::string();
    got.err = how.on_terminal ? tty.read() : contents(err);
    return got;
}

} // namespace social
