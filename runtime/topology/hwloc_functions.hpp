// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <hwloc.h>
#include <hwloc/cpukinds.h>
#include <hwloc/distances.h>
#include <hwloc/memattrs.h>
#include <string>

namespace twill::topology {

/// The functions of hwloc that the table is read by, each by its name there without `hwloc_`. They
/// are found in the library when it is wanted: what links hwloc would load it at its start.
// clang-format off
#define TWILL_EACH_HWLOC_FUNCTION(each) \
    each(topology_init) each(topology_destroy) each(topology_set_flags) \
    each(topology_set_synthetic) each(topology_set_xml) each(topology_load) \
    each(topology_get_allowed_cpuset) each(topology_get_complete_cpuset) each(topology_get_topology_cpuset) \
    each(get_cpubind) each(get_type_depth) each(get_obj_by_depth) \
    each(obj_type_is_memory) each(bitmap_alloc) each(bitmap_free) \
    each(bitmap_dup) each(bitmap_intersects) each(bitmap_and) \
    each(bitmap_andnot) each(bitmap_weight) each(bitmap_next) \
    each(bitmap_isset) each(cpukinds_get_nr) each(cpukinds_get_info) \
    each(cpukinds_get_by_cpuset) each(distances_get_by_type) each(distances_release) \
    each(memattr_get_value)
// clang-format on

struct hwloc_functions {
#define TWILL_HWLOC_MEMBER(name) decltype(&::hwloc_##name) name = nullptr;
    TWILL_EACH_HWLOC_FUNCTION(TWILL_HWLOC_MEMBER)
#undef TWILL_HWLOC_MEMBER
};

/// Null, and the reason in `why`, if there is no such library, or an older one than 2.4. It is
/// loaded once a process and stays.
const hwloc_functions* load_hwloc(std::string& why);

/// While a thread is inside of hwloc: a child that is forked meanwhile finds the library in the
/// middle of something, and leaves it alone.
class inside_hwloc {
public:
    inside_hwloc() noexcept;
    ~inside_hwloc();
    inside_hwloc(const inside_hwloc&) = delete;
    inside_hwloc& operator=(const inside_hwloc&) = delete;
};

} // namespace twill::topology
