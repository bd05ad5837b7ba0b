// SPDX-License-Identifier: Apache-2.0
#include "report/lengths.hpp"

#include <algorithm>
#include <numeric>

namespace twill::tool {

std::uint64_t samples_of(const profile::histogram& of) noexcept {
    return std::accumulate(of.count.begin(), of.count.end(), std::uint64_t{0});
}

profile::nanoseconds percentile(const profile::histogram& of, double part,
                                profile::nanoseconds longest) noexcept {
    const double wanted = part * static_cast<double>(samples_of(of));
    double below = 0;
    for (std::size_t k = 0; k < of.count.size() && k < of.upper.size(); ++k) {
        const auto here = static_cast<double>(of.count[k]);
        if (here > 0 && below + here >= wanted) {
            const double lower = k > 0 ? static_cast<double>(of.upper[k - 1]) : 0;
            const double upper = std::max(
                std::min(static_cast<double>(of.upper[k]), static_cast<double>(longest)), lower);
            return static_cast<profile::nanoseconds>(lower +
                                                     (upper - lower) * (wanted - below) / here);
        }
        below += here;
    }
    return 0;
}

} // namespace twill::tool
