// SPDX-License-Identifier: Apache-2.0
#include "sched/thread_table.hpp"

#include <new>

namespace twill::sched {

thread_table::~thread_table() {
    const std::uint32_t count = size();
    for (std::uint32_t id = 0; id < count; ++id) {
        delete &(*this)[id];
    }
    for (auto& one : segments_) {
        delete one.load(detail::relaxed);
    }
}

thread_record* thread_table::add(scheduler& owner, bool guest) noexcept {
    const std::lock_guard lock(adding_);
    const std::uint32_t id = size_.load(detail::relaxed);
    if (id == threads_max) {
        return nullptr;
    }
    auto& segment = segments_[id / segment_size];
    if (segment.load(detail::relaxed) == nullptr) {
        segment.store(new (std::nothrow) segment_words, detail::relaxed);
    }
    auto* const record = segment.load(detail::relaxed) == nullptr
                             ? nullptr
                             : new (std::nothrow) thread_record(owner, id, guest);
    if (record == nullptr) {
        return nullptr;
    }
    segment_of(id).records[id % segment_size].store(record, detail::relaxed);
    // release: pairs with the acquire in size(); seq_cst: see size_for_all()
    size_.store(id + 1, detail::seq_cst);
    return record;
}

bool thread_table::has(const thread_record& one) const noexcept {
    return one.id < size() && &(*this)[one.id] == &one;
}

} // namespace twill::sched
