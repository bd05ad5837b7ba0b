# SPDX-License-Identifier: Apache-2.0
# bench_runtime_gomp and bench_runtime_omp, where their libraries are found. clang runs on libomp. g++
# compiles the same objects for both: libomp has the functions of libgomp too, so what differs is the
# library that they are linked to, one of them and never both.

find_package(OpenMP QUIET COMPONENTS CXX)
if(NOT OpenMP_CXX_FOUND)
    message(STATUS "no OpenMP for this compiler: the benchmarks are built without gomp and omp")
    return()
endif()

if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
    add_library(bench_runtime_omp INTERFACE)
    target_link_libraries(bench_runtime_omp INTERFACE OpenMP::OpenMP_CXX ${CMAKE_DL_LIBS})
    return()
endif()

add_library(bench_runtime_gomp INTERFACE)
target_link_libraries(bench_runtime_gomp INTERFACE OpenMP::OpenMP_CXX ${CMAKE_DL_LIBS})

# clang knows where its libomp lies; without clang the usual places are searched.
if(NOT BENCH_LIBOMP)
    find_program(BENCH_CLANG NAMES clang++-19 clang++)
    mark_as_advanced(BENCH_CLANG)
    if(BENCH_CLANG)
        execute_process(COMMAND ${BENCH_CLANG} -print-file-name=libomp.so
                        OUTPUT_VARIABLE found OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        # A name that clang does not know it prints as it was given.
        if(IS_ABSOLUTE "${found}" AND EXISTS "${found}")
            file(REAL_PATH "${found}" found)
            cmake_path(GET found PARENT_PATH folder)
        endif()
    endif()
    find_library(BENCH_LIBOMP NAMES omp libomp.so.5 HINTS ${folder} /usr/lib/llvm-19/lib
                 DOC "LLVM's OpenMP library")
endif()
if(NOT BENCH_LIBOMP)
    message(STATUS "libomp not found: the benchmarks are built without this peer")
    return()
endif()
add_library(bench_runtime_omp INTERFACE)
separate_arguments(flags UNIX_COMMAND "${OpenMP_CXX_FLAGS}")
target_compile_options(bench_runtime_omp INTERFACE ${flags})
target_link_libraries(bench_runtime_omp INTERFACE ${BENCH_LIBOMP} ${CMAKE_DL_LIBS})
