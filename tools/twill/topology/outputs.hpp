// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "topology/view.hpp"

#include <string>

namespace twill::tool {

// The three forms in which a machine is shown.

/// For people: figures, a row for each worker, and whom it looks at.
std::string machine_as_text(const machine_view& view);
/// For programs.
std::string machine_as_json(const machine_view& view);
/// Boxes in boxes, with the workers coloured as the first of them sees the others.
std::string machine_as_svg(const machine_view& view);

} // namespace twill::tool
