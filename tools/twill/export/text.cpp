// SPDX-License-Identifier: Apache-2.0
// The exports that are text: Chrome's JSON, folded stacks, CSV.
#include "export/formats.hpp"
#include "export/timeline.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <iterator>
#include <unordered_map>

namespace twill::tool {

namespace {

constexpr double nanoseconds_in_microsecond = 1e3;

std::string quoted(const std::string& text) {
    return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

class chrome_writer final : public timeline_sink {
public:
    chrome_writer(const profile::profile& of, output_file& to) : of_(of), to_(to) {
        to_.write("{\"displayTimeUnit\":\"ns\",\"traceEvents\":[\n");
        to_.write(fmt::format("{{\"ph\":\"M\",\"name\":\"process_name\",\"pid\":{},"
                              "\"args\":{{\"name\":{}}}}}",
                              of.pid, quoted(of.program)));
    }

    void names_from(const timeline& source) { names_ = &source.names(); }
    void finish() { to_.write("\n]}\n"); }

    void thread(std::uint32_t number) override {
        for (const lane on : {lane::tasks, lane::activity}) {
            line(R"({{"ph":"M","name":"thread_name","pid":{},"tid":{},"args":{{"name":{}}}}})",
                 of_.pid, track_of(number, on),
                 quoted(name_of_track(of_, number) + (on == lane::activity ? " activity" : "")));
        }
    }
    void begin(std::uint32_t thread, lane on, profile::nanoseconds at, name_index name,
               category of) override {
        line(R"({{"ph":"B","name":{},"cat":"{}","pid":{},"tid":{},"ts":{:.3f}}})", text(name),
             category_names[static_cast<std::size_t>(of)], of_.pid, track_of(thread, on), time(at));
    }
    void end(std::uint32_t thread, lane on, profile::nanoseconds at) override {
        line(R"({{"ph":"E","pid":{},"tid":{},"ts":{:.3f}}})", of_.pid, track_of(thread, on),
             time(at));
    }
    void instant(std::uint32_t thread, profile::nanoseconds at, name_index name) override {
        line(R"({{"ph":"i","s":"t","name":{},"cat":"event","pid":{},"tid":{},"ts":{:.3f}}})",
             text(name), of_.pid, track_of(thread, lane::tasks), time(at));
    }
    void delay(std::uint32_t thread, profile::nanoseconds at, profile::nanoseconds length,
               name_index name) override {
        line(
            R"({{"ph":"i","s":"t","name":{},"cat":"event","pid":{},"tid":{},"ts":{:.3f},"args":{{"us":{:.3f}}}}})",
            text(name), of_.pid, track_of(thread, lane::tasks), time(at), time(length));
    }

private:
    static std::uint64_t track_of(std::uint32_t thread, lane on) {
        return std::uint64_t{thread} * lanes + static_cast<std::uint64_t>(on) + 1;
    }
    static double time(profile::nanoseconds at) {
        return static_cast<double>(at) / nanoseconds_in_microsecond;
    }
    const std::string& text(name_index name) {
        while (quoted_.size() <= name) {
            quoted_.push_back(quoted((*names_)[quoted_.size()]));
        }
        return quoted_[name];
    }
    template <class... Values>
    void line(fmt::format_string<Values...> form, Values&&... values) {
        buffer_ = ",\n";
        fmt::format_to(std::back_inserter(buffer_), form, std::forward<Values>(values)...);
        to_.write(buffer_);
    }

    const profile::profile& of_;
    output_file& to_;
    const std::vector<std::string>* names_ = nullptr;
    std::vector<std::string> quoted_;
    std::string buffer_;
};

/// A frame of a folded stack: its separators are taken out of the name.
std::string frame(std::string text) {
    for (char& one : text) {
        one = one == ';' || static_cast<unsigned char>(one) < ' ' ? '_' : one;
    }
    return text.empty() ? "_" : text;
}

/// Adds up the time of each stack of regions and kinds, with what the time counted as, unless it
/// is useful, as the innermost frame. Run delay is taken out of the useful stack before it. What is
/// taken from elsewhere, and what runs in a wait, has nothing of the kinds, and what is taken
/// nothing of the regions, that are around it on its thread.
class folded_writer final : public timeline_sink {
public:
    void names_from(const timeline& source) { names_ = &source.names(); }

    void thread(std::uint32_t number) override { threads_.try_emplace(number); }
    void begin(std::uint32_t thread, lane on, profile::nanoseconds at, name_index name,
               category of) override {
        state& one = pass(thread, at);
        if (on == lane::activity) {
            one.activity = (*names_)[name];
        } else {
            const bool shown = of == category::kind || of == category::region;
            one.stack.push_back({of, shown ? frame((*names_)[name]) : std::string()});
        }
        one.sum = nullptr;
    }
    void end(std::uint32_t thread, lane on, profile::nanoseconds at) override {
        state& one = pass(thread, at);
        if (on == lane::activity) {
            one.activity.clear();
        } else {
            one.stack.pop_back();
        }
        one.sum = nullptr;
    }
    void instant(std::uint32_t thread, profile::nanoseconds at, name_index) override {
        pass(thread, at);
    }
    void delay(std::uint32_t thread, profile::nanoseconds at, profile::nanoseconds length,
               name_index) override {
        const state& one = pass(thread, at);
        if (one.useful != nullptr) {
            const profile::nanoseconds taken = std::min(length, one.useful->second);
            one.useful->second -= taken;
            sums_[one.useful->first + ";[preempted]"] += taken;
        }
    }

    void write(output_file& to) const {
        for (const auto& [stack, time] : sums_) {
            if (time > 0) {
                to.write(fmt::format("{} {}\n", stack, time));
            }
        }
    }

private:
    static constexpr std::string_view useful_name = "useful";

    /// Roots, tasks and waits have no text.
    struct part {
        category of;
        std::string text;
    };
    using stack_sum = std::pair<const std::string, profile::nanoseconds>;
    struct state {
        std::vector<part> stack;
        std::string activity; ///< empty: the thread is not on a place
        profile::nanoseconds last = -1;
        stack_sum* sum = nullptr;    ///< of the stack as it is
        stack_sum* useful = nullptr; ///< of the last one whose time was useful
    };

    state& pass(std::uint32_t thread, profile::nanoseconds at) {
        state& one = threads_[thread];
        if (one.last >= 0 && at > one.last) {
            if (one.sum == nullptr) {
                one.sum = &*sums_.try_emplace(key(one)).first;
                one.useful = one.activity == useful_name ? one.sum : one.useful;
            }
            one.sum->second += at - one.last;
        }
        one.last = at;
        return one;
    }

    static std::string key(const state& of) {
        std::string text;
        const auto last = [&of](auto is) {
            const auto found = std::find_if(of.stack.rbegin(), of.stack.rend(), is);
            return static_cast<std::size_t>(of.stack.rend() - found);
        };
        const std::size_t root = last([](const part& one) { return one.of == category::root; });
        const std::size_t task = last(
            [](const part& one) { return one.of == category::root || one.of == category::task; });
        for (std::size_t k = root; k < of.stack.size(); ++k) {
            const part& one = of.stack[k];
            if (!one.text.empty() && (one.of != category::kind || k >= task)) {
                text += one.text + ';';
            }
        }
        if (of.activity.empty()) {
            return text + "[no worker]";
        }
        if (of.activity != useful_name) {
            return text + '[' + of.activity + ']';
        }
        if (text.empty()) {
            return "[unnamed]";
        }
        text.pop_back();
        return text;
    }

    const std::vector<std::string>* names_ = nullptr;
    std::map<std::uint32_t, state> threads_;
    std::map<std::string, profile::nanoseconds> sums_; // its elements stay where they are
};

template <class Sink>
std::uint64_t feed(Sink& sink, const profile::profile& of, const event_source& events) {
    timeline line(of, sink);
    sink.names_from(line);
    events([&](const recorded_event& one) { line.add(one); });
    line.finish();
    return line.unmatched();
}

} // namespace

std::uint64_t export_chrome(const profile::profile& of, const event_source& events,
                            output_file& to) {
    chrome_writer sink(of, to);
    const std::uint64_t unmatched = feed(sink, of, events);
    sink.finish();
    return unmatched;
}

std::uint64_t export_folded(const profile::profile& of, const event_source& events,
                            output_file& to) {
    folded_writer sink;
    const std::uint64_t unmatched = feed(sink, of, events);
    sink.write(to);
    return unmatched;
}

std::uint64_t export_csv(const profile::profile&, const event_source& events, output_file& to) {
    to.write("thread,ns,event,payload,second,runtime\n");
    std::string line;
    events([&](const recorded_event& one) {
        line.clear();
        fmt::format_to(std::back_inserter(line), "{},{},{},{},{},{}\n", one.thread, one.time,
                       name_of(one.type), one.payload, one.second, one.runtime);
        to.write(line);
    });
    return 0;
}

} // namespace twill::tool
