# SPDX-License-Identifier: Apache-2.0
# Installs the headers, both libraries, the CMake package and the pkg-config file, and the program
# twill where it is built.
include(CMakePackageConfigHelpers)

install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/twill DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        FILES_MATCHING PATTERN "*.hpp")
install(TARGETS twill_shared twill_static EXPORT twill-targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET twill_program)
    install(TARGETS twill_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/twill)
install(EXPORT twill-targets NAMESPACE twill:: DESTINATION ${package_dir})
configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/twill-config.cmake.in
                              ${PROJECT_BINARY_DIR}/twill-config.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/twill-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/twill-config.cmake
              ${PROJECT_BINARY_DIR}/twill-config-version.cmake
        DESTINATION ${package_dir})

# Relative to the file itself where it can be, so that the installed tree may be moved.
set(pc_prefix ${CMAKE_INSTALL_PREFIX})
if(NOT IS_ABSOLUTE "${CMAKE_INSTALL_LIBDIR}")
    cmake_path(RELATIVE_PATH CMAKE_INSTALL_PREFIX
               BASE_DIRECTORY ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig OUTPUT_VARIABLE up)
    set(pc_prefix "\${pcfiledir}/${up}")
endif()
foreach(dir libdir includedir)
    string(TOUPPER ${dir} option)
    set(pc_${dir} "${CMAKE_INSTALL_${option}}")
    if(NOT IS_ABSOLUTE "${pc_${dir}}")
        string(PREPEND pc_${dir} "\${prefix}/")
    endif()
endforeach()
configure_file(${CMAKE_CURRENT_LIST_DIR}/twill.pc.in ${PROJECT_BINARY_DIR}/twill.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/twill.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
