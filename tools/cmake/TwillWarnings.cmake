# SPDX-License-Identifier: Apache-2.0
# twill_warnings: what our own targets are compiled with. Never handed on to users.
add_library(twill_warnings INTERFACE)
target_compile_features(twill_warnings INTERFACE cxx_std_20)
if(PROJECT_IS_TOP_LEVEL)
    target_compile_options(twill_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wconversion
                                                    -Werror)
endif()
