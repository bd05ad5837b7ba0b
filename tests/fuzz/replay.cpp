// SPDX-License-Identifier: Apache-2.0
// Runs a fuzz target without a fuzzer: over each file of the folders that it is given, and over
// what comes of each file by cutting it off and by changing some bytes, always the same ones.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

using bytes = std::vector<std::uint8_t>;

constexpr int changes_of_a_file = 400;
constexpr std::size_t longest_cut = 2000;

void run(const bytes& input) { LLVMFuzzerTestOneInput(input.data(), input.size()); }

long run_cut_off(const bytes& input) {
    const std::size_t longest = input.size() < longest_cut ? input.size() : longest_cut;
    for (std::size_t size = 0; size < longest; ++size) {
        run(bytes(input.begin(), input.begin() + static_cast<std::ptrdiff_t>(size)));
    }
    return static_cast<long>(longest);
}

long run_changed(const bytes& input, const std::vector<bytes>& all) {
    constexpr std::uint8_t telling[] = {'"', ',', '\n', '\r', '#', '[', ']',  '{',  '}',
                                        ':', '0', 'e',  '-',  '.', 0,   0xff, 0xc3, '\\'};
    std::mt19937_64 random(input.size());
    for (int round = 0; round < changes_of_a_file; ++round) {
        bytes changed = input;
        for (std::uint64_t k = 1 + random() % 4; k > 0 && !changed.empty(); --k) {
            const auto at = static_cast<std::ptrdiff_t>(random() % changed.size());
            switch (random() % 4) {
            case 0:
                changed[static_cast<std::size_t>(at)] = telling[random() % std::size(telling)];
                break;
            case 1:
                changed.insert(changed.begin() + at, telling[random() % std::size(telling)]);
                break;
            case 2:
                changed.erase(changed.begin() + at);
                break;
            default: {
                const bytes& other = all[random() % all.size()];
                changed.insert(changed.begin() + at, other.begin(),
                               other.begin() +
                                   static_cast<std::ptrdiff_t>(random() % (other.size() + 1)));
            }
            }
        }
        run(changed);
    }
    return changes_of_a_file;
}

} // namespace

int main(int count, char** folders) {
    std::vector<bytes> all;
    for (int k = 1; k < count; ++k) {
        for (const auto& entry : std::filesystem::directory_iterator(folders[k])) {
            std::ifstream file(entry.path(), std::ios::binary);
            all.emplace_back(std::istreambuf_iterator<char>(file),
                             std::istreambuf_iterator<char>());
        }
    }
    long inputs = 0;
    for (const bytes& input : all) {
        run(input);
        inputs += 1 + run_cut_off(input) + run_changed(input, all);
    }
    std::printf("%zu files, %ld inputs\n", all.size(), inputs);
    return all.empty() ? 1 : 0;
}
