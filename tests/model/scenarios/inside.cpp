// SPDX-License-Identifier: Apache-2.0
#include "scenarios/inside.hpp"

#include "simulator/virtual_os.hpp"
#include "twill/detail/hot_state.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace twill::model {

sched::scheduler& make_world(int workers, int awake) {
    sched::scheduler_options options;
    options.workers = workers;
    options.awake = awake;
    auto& made = *new sched::scheduler(options);
    enter_world(made);
    name_it(made, "runtime");
    name_it(made.table(), "table");
    name_it(inside::places(made), "places");
    name_it(inside::spares(made), "spares");
    name_it(inside::numbers(made), "numbers");
    name_it(inside::tickets(made), "inbox");
    if (seats_from_the_start) {
        seats_from_the_start = false;
        give_seats(made);
    }
    return made;
}

void give_seats(sched::scheduler& runtime) {
    std::vector<topology::table_row> places(static_cast<std::size_t>(runtime.workers()));
    for (std::size_t k = 0; k < places.size(); ++k) {
        places[k].pu = static_cast<int>(k);
        places[k].l3 = static_cast<int>(k % 2);
        places[k].node = places[k].l3;
    }
    auto all = std::make_unique<sched::seating>(places, topology::victim_rule::level);
    name_it(*all, "seats");
    runtime.seat_by(std::move(all));
}

sched::thread_record& own_record() {
    return *static_cast<sched::thread_record*>(detail::hot().thread);
}

void ask_for_work() {
    own_record().requests.fetch_or(sched::want_work, detail::seq_cst);
    detail::hot().limit.store(detail::attention, detail::relaxed);
}

void wait_if_public(event& begun) {
    if (!own_record().deque.empty()) {
        begun.wait();
    }
}

bool armed_or_public(sched::thread_record& record) {
    if (record.deque.read(detail::seq_cst).count() > 0) {
        return true;
    }
    const detail::hot_state* hot = record.hot.load(detail::seq_cst);
    return record.requests.load(detail::seq_cst) != 0 && hot != nullptr &&
           hot->limit.load(detail::seq_cst) == detail::attention;
}

void check_quiescent(sched::scheduler& runtime, int awake) {
    const sched::place_counts now = runtime.counts();
    MODEL_CHECK(now.free == awake);
    MODEL_CHECK(now.searchers == 0);
    MODEL_CHECK(!inside::work_visible(runtime));
    MODEL_CHECK(!inside::tickets(runtime).waiting());
    MODEL_CHECK(!inside::anybody_runs(runtime));
    sched::thread_table& table = runtime.table();
    std::uint32_t workers = 0;
    for (std::uint32_t id = 0; id < table.size(); ++id) {
        sched::thread_record& one = table[id];
        MODEL_CHECK(one.deque.empty());
        MODEL_CHECK(!one.has_sentinels());
        MODEL_CHECK(!one.over);
        MODEL_CHECK(one.seat.load(detail::relaxed) < 0);
        MODEL_CHECK(sched::helped{one.helping.load(detail::relaxed)}.nobody());
        workers += one.guest ? 0 : 1;
    }
    const runtime_threads threads = count_runtime_threads();
    MODEL_CHECK(threads.count == workers && threads.asleep == workers);
    // Each sleeps as a spare thread, and the stack knows all of them.
    std::uint32_t spare = 0;
    while (inside::pop_spare(runtime) != nullptr) {
        ++spare;
    }
    MODEL_CHECK(spare == workers);
    int numbers = 0;
    while (inside::numbers(runtime).try_take() >= 0) {
        ++numbers;
    }
    MODEL_CHECK(numbers == runtime.workers());
}

} // namespace twill::model
