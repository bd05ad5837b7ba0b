// SPDX-License-Identifier: Apache-2.0
#include "profile/cursor.hpp"

#include <algorithm>

namespace twill::profile {

namespace {

constexpr std::uint32_t piece_words = std::uint32_t{1} << 13;

} // namespace

bool event_cursor::fill() {
    at_ = 0;
    bytes_.clear();
    while (chunk_ < chunks_.size()) {
        const event_chunk& chunk = chunks_[chunk_];
        const std::uint32_t words = std::min(chunk.words - word_, piece_words);
        if (words > 0) {
            bytes_.resize(std::size_t{words} * sizeof(std::uint64_t));
            const std::uint64_t offset =
                chunk.offset + std::uint64_t{word_} * sizeof(std::uint64_t);
            // A file that has shrunk ends here.
            const std::size_t count = file_->read(offset, bytes_);
            bytes_.resize(count / sizeof(std::uint64_t) * sizeof(std::uint64_t));
            if (word_ == 0) {
                first_ = true;
                first_tick_ = chunk.first_tick;
            }
            word_ += words;
            return !bytes_.empty();
        }
        ++chunk_;
        word_ = 0;
    }
    bytes_ = {};
    return false;
}

} // namespace twill::profile
