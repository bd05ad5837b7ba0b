// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/source.hpp"
#include "topology/table.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

namespace twill::testing_support {

/// The values of TWILL_TOPOLOGY in machines/list.txt, by name, in its order.
inline std::vector<std::pair<std::string, std::string>> listed_machines() {
    std::vector<std::pair<std::string, std::string>> found;
    std::ifstream list(TWILL_MACHINES "/list.txt");
    for (std::string line; std::getline(list, line);) {
        if (line.empty() || line.front() == '#') {
            continue;
        }
        std::istringstream fields(line);
        std::string name;
        std::string value;
        fields >> name >> std::ws;
        std::getline(fields, value);
        if (value.starts_with("xml:")) {
            value.insert(4, TWILL_MACHINES "/");
        }
        found.emplace_back(name, value);
    }
    return found;
}

/// Without reading any, so that a program may have tests for each before hwloc is loaded.
inline std::vector<std::string> names_of_machines() {
    std::vector<std::string> names;
    for (const auto& [name, value] : listed_machines()) {
        names.push_back(name);
    }
    return names;
}

/// The table of a machine in that list.
inline topology::table listed_table(const std::string& name) {
    for (const auto& [listed, value] : listed_machines()) {
        if (listed == name) {
            std::string why;
            const auto from = topology::parse_source(value);
            auto read = from ? topology::read_table(*from, why) : std::nullopt;
            EXPECT_TRUE(read) << name << ": " << why;
            return read ? *std::move(read) : topology::table{};
        }
    }
    ADD_FAILURE() << "no machine " << name;
    return {};
}

} // namespace twill::testing_support
