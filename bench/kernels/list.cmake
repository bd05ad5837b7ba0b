# SPDX-License-Identifier: Apache-2.0
# The list of kernels and of their programs that tools/bench reads. Its variants are known to the
# programs themselves (--variants).

# A program of a kernel; those of one runtime differ in where their code begins.
function(bench_list_program kernel runtime program)
    set_property(GLOBAL APPEND PROPERTY bench_runtimes_${kernel} ${runtime})
    set_property(GLOBAL APPEND PROPERTY bench_programs_${kernel}_${runtime} "\"${program}\"")
endfunction()

function(bench_list_kernel kernel flat apart)
    get_property(runtimes GLOBAL PROPERTY bench_runtimes_${kernel})
    list(REMOVE_DUPLICATES runtimes)
    set(lines)
    foreach(runtime IN LISTS runtimes)
        get_property(programs GLOBAL PROPERTY bench_programs_${kernel}_${runtime})
        list(JOIN programs ", " programs)
        list(APPEND lines "      \"${runtime}\": [${programs}]")
    endforeach()
    list(JOIN lines ",\n" programs)
    set(truth_TRUE true)
    set(truth_FALSE false)
    set_property(GLOBAL APPEND PROPERTY bench_kernels
        "  {\n    \"name\": \"${kernel}\",\n    \"flat\": ${truth_${flat}},\n    \"apart\": \
${truth_${apart}},\n    \"programs\": {\n${programs}\n    }\n  }")
endfunction()

function(bench_write_list file)
    get_property(kernels GLOBAL PROPERTY bench_kernels)
    list(JOIN kernels ",\n" kernels)
    file(WRITE ${file} "[\n${kernels}\n]\n")
endfunction()
