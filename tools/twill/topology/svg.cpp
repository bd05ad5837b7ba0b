// SPDX-License-Identifier: Apache-2.0
#include "output.hpp"
#include "topology/boxes.hpp"
#include "topology/outputs.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <iterator>
#include <limits>
#include <map>
#include <set>
#include <span>
#include <utility>

namespace twill::tool {

namespace {

using topology::table_row;

// Fills that black text can be read on.
constexpr const char* own_fill = "#fdae6b";
constexpr std::array<const char*, topology::levels> level_fills{"#a1d99b", "#9ecae1", "#dadaeb"};
constexpr const char* idle_fill = "#fff";
constexpr const char* kept_fill = "#d9d9d9";
constexpr const char* off_fill = "#b0b0b0";
constexpr const char* lone_fill = "#f2dcea";
constexpr std::size_t longest_line = 100;

/// The first letters, as XML takes them.
std::string cut(const std::string& text) {
    std::string clean = printable(text);
    return clean.size() > longest_line ? clean.substr(0, longest_line - 3) + "..." : clean;
}

/// A level of boxes: the processors with the same number are in one.
struct nesting {
    int table_row::* column;
    const char* name;
    const char* fill;
};

class picture {
public:
    explicit picture(const machine_view& view) : view_(view) {
        for (std::size_t j = 0; j < view.table.workers.size(); ++j) {
            workers_on_[numbered(view.table.workers[j], j).pu].push_back(static_cast<int>(j));
        }
        std::map<int, std::set<int>> nodes_of_cache;
        for (const std::vector<table_row>* rows : {&table().rows, &table().excluded}) {
            for (const table_row& row : *rows) {
                all_.push_back(numbered(row, all_.size()));
                if (row.l3 != topology::none) {
                    nodes_of_cache[row.l3].insert(row.node);
                }
            }
        }
        for (const table_row& row : table().excluded) {
            kept_.insert(row.pu);
        }
        constexpr nesting package{&table_row::package, "package", "#f7f7f7"};
        constexpr nesting node{&table_row::node, "node", "#e5f0e5"};
        constexpr nesting cache{&table_row::l3, "L3", "#fff8e6"};
        constexpr nesting core{&table_row::core, "core", "#fff"};
        // With sub-NUMA clusters the cache is around the nodes.
        const bool cache_is_wider = std::ranges::any_of(
            nodes_of_cache, [](const auto& one) { return one.second.size() > 1; });
        order_ = {package, cache_is_wider ? cache : node, cache_is_wider ? node : cache, core};
        // What has no number comes last.
        const auto rank = [](int number) {
            return number == topology::none ? std::numeric_limits<int>::max() : number;
        };
        std::ranges::sort(all_, {}, [&](const table_row& row) {
            return std::array{rank(row.*order_[0].column), rank(row.*order_[1].column),
                              rank(row.*order_[2].column), rank(row.core), std::abs(row.pu)};
        });
        double processor_room = 0;
        for (const table_row& row : all_) {
            for (const std::string& line : processor(row).lines) {
                processor_room = std::max(processor_room, text_width(line));
            }
            core_room_ = std::max(core_room_, text_width(label_of(order_[3], {&row, 1})));
        }
        for (const int pu : table().offline) {
            processor_room = std::max(processor_room, text_width(label_of(pu)));
        }
        processor_room_ = processor_room;
    }

    box machine() const {
        box outer{{"machine"}, "#fff", boxes(all_, order_)};
        for (const topology::memory_node& node : table().nodes) {
            if (is_alone(node)) {
                outer.inside.push_back({{label_of(node)}, lone_fill, {}});
            }
        }
        if (!table().offline.empty()) {
            box off{{"offline"}, idle_fill, {}};
            for (const int pu : table().offline) {
                off.inside.push_back({{"-", label_of(pu)}, off_fill, {}, processor_room_});
            }
            outer.inside.push_back(std::move(off));
        }
        return outer;
    }

    /// What the colours mean.
    box legend() const {
        box outer{{"colours"}, "#fff", {}};
        const auto add = [&](const std::string& text, const char* fill) {
            outer.inside.push_back({{text}, fill, {}});
        };
        add("worker 0", own_fill);
        for (const seen_level& one : order_of(view_, 0)) {
            add(fmt::format("{}: {:.1f} % of its looks, workers that share {}: {}",
                            name_of(one.which), one.share * 100, one.what, one.victims.size()),
                level_fills[static_cast<std::size_t>(one.which)]);
        }
        if (workers_on_.size() < table().rows.size()) {
            add("CPU without a worker", idle_fill);
        }
        if (!table().excluded.empty()) {
            add("CPU that this program may not use", kept_fill);
        }
        if (!table().offline.empty()) {
            add("CPU that is switched off", off_fill);
        }
        if (std::ranges::any_of(table().nodes, [&](const auto& node) { return is_alone(node); })) {
            add("node that is no CPU's nearest ordinary memory", lone_fill);
        }
        return outer;
    }

private:
    [[nodiscard]] const topology::table& table() const { return view_.table.machine; }

    /// Processors of a machine of which only the size is known are told apart by their place in the
    /// table, as numbers below none; workers take them in turn.
    [[nodiscard]] table_row numbered(table_row row, std::size_t place) const {
        if (row.pu == topology::none) {
            row.pu -= 1 + static_cast<int>(place % table().rows.size());
        }
        return row;
    }

    /// No box of processors is this node's.
    [[nodiscard]] bool is_alone(const topology::memory_node& node) const {
        return std::ranges::find(all_, node.node, &table_row::node) == all_.end();
    }

    /// Of a processor, or of one that has no number.
    static std::string label_of(int pu) { return pu < 0 ? "pu" : fmt::format("pu {}", pu); }

    static std::string label_of(const topology::memory_node& node) {
        std::string text = fmt::format("node {}", node.node);
        if (node.kind == topology::memory_kind::missing) {
            text += ", no memory";
        } else {
            for (const std::string& part : {cut(node.type), shown_bytes(node.bytes)}) {
                text += part.empty() ? "" : ", " + part;
            }
        }
        return text;
    }

    /// Of a box around these processors.
    [[nodiscard]] std::string label_of(const nesting& kind, std::span<const table_row> rows) const {
        const table_row& row = rows.front();
        if (kind.column == &table_row::node) {
            const auto node =
                std::ranges::find(table().nodes, row.node, &topology::memory_node::node);
            if (node != table().nodes.end()) {
                // Processors of several packages may have one node as their nearest.
                const auto all = std::ranges::count(all_, row.node, &table_row::node);
                return label_of(*node) + (std::cmp_less(rows.size(), all)
                                              ? fmt::format(", {} of its {} CPUs", rows.size(), all)
                                              : "");
            }
        }
        const char* const faster = kind.column != &table_row::core                ? ""
                                   : row.kind == topology::core_kind::performance ? " P"
                                   : row.kind == topology::core_kind::efficient   ? " E"
                                                                                  : "";
        return fmt::format("{} {}{}", kind.name, row.*kind.column, faster);
    }

    [[nodiscard]] box processor(const table_row& row) const {
        const auto here = workers_on_.find(row.pu);
        std::string worker = "-";
        const char* fill = kept_.contains(row.pu) ? kept_fill : idle_fill;
        if (here != workers_on_.end()) {
            const int first = here->second.front();
            worker = fmt::format("w{}", first);
            if (here->second.size() > 1) {
                fmt::format_to(std::back_inserter(worker), "+{}", here->second.size() - 1);
            }
            fill = first == 0
                       ? own_fill
                       : level_fills[static_cast<std::size_t>(view_.policy.between(0, first))];
        }
        return {{worker, label_of(row.pu)}, fill, {}, processor_room_};
    }

    /// The boxes for these processors, from the level of `kinds` that comes first. What has no
    /// number there stands beside the boxes.
    [[nodiscard]] std::vector<box> boxes(std::span<const table_row> rows,
                                         std::span<const nesting> kinds) const {
        std::vector<box> found;
        for (std::size_t begin = 0, end = 0; begin < rows.size(); begin = end) {
            if (kinds.empty()) {
                end = begin + 1;
                found.push_back(processor(rows[begin]));
                continue;
            }
            const auto column = kinds.front().column;
            while (end < rows.size() && rows[end].*column == rows[begin].*column) {
                ++end;
            }
            const auto within = rows.subspan(begin, end - begin);
            auto inner = boxes(within, kinds.subspan(1));
            if (rows[begin].*column == topology::none) {
                std::ranges::move(inner, std::back_inserter(found));
            } else {
                found.push_back({{label_of(kinds.front(), within)},
                                 kinds.front().fill,
                                 std::move(inner),
                                 column == &table_row::core ? core_room_ : 0});
            }
        }
        return found;
    }

    const machine_view& view_;
    std::vector<table_row> all_;
    std::map<int, std::vector<int>> workers_on_;
    std::set<int> kept_;
    std::array<nesting, 4> order_{};
    double processor_room_ = 0; ///< for the widest text on any processor
    double core_room_ = 0;
};

} // namespace

std::string machine_as_svg(const machine_view& view) {
    const picture drawn(view);
    box whole{{cut(shown(view.table.from)),
               cut(fmt::format(
                   "workers {}, CPUs {}, quota {}, steal {}, places {}", view.table.workers.size(),
                   view.table.machine.rows.size(),
                   view.table.quota > 0 ? fmt::format("{} CPUs", shown(view.table.quota)) : "none",
                   name_of(view.policy.rule()), shown_places(view.table.wanted)))},
              "#fff",
              {drawn.machine(), drawn.legend()}};
    lay_out(whole, 0, 0);
    std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
    fmt::format_to(std::back_inserter(out),
                   "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.1f}\" height=\"{1:.1f}\" "
                   "viewBox=\"0 0 {0:.1f} {1:.1f}\" font-family=\"sans-serif\" font-size=\"{2}\">\n"
                   "<style>rect{{stroke:#555;stroke-width:.5}}</style>\n",
                   whole.width, whole.height, font_size);
    draw(whole, out);
    out += "</svg>\n";
    return out;
}

} // namespace twill::tool
