# `cmake --install`: the headers, and a package for find_package(strata). Dependencies that were fetched are not
# installed: the package looks for them with find_dependency.

include(CMakePackageConfigHelpers)

set(package_dir ${CMAKE_INSTALL_DATADIR}/cmake/strata)

install(DIRECTORY include/strata DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.hpp")
install(TARGETS strata EXPORT strataTargets)
install(EXPORT strataTargets NAMESPACE strata:: DESTINATION ${package_dir})
# For projects that use strata from its build folder, or export such targets of their own.
export(EXPORT strataTargets NAMESPACE strata:: FILE ${PROJECT_BINARY_DIR}/strataTargets.cmake)

# In a file of its own, so that find_package(strata) needs libpng and libjpeg only where they are used.
if(TARGET strata_images)
    install(TARGETS strata_images EXPORT strataImagesTargets)
    install(EXPORT strataImagesTargets NAMESPACE strata:: DESTINATION ${package_dir})
    export(EXPORT strataImagesTargets NAMESPACE strata:: FILE ${PROJECT_BINARY_DIR}/strataImagesTargets.cmake)
endif()

# The exported target links what was linked here, so the package asks for exactly that.
set(STRATA_OPTIONAL_DEPENDENCIES "")
if(TARGET OpenMP::OpenMP_CXX)
    string(APPEND STRATA_OPTIONAL_DEPENDENCIES "find_dependency(OpenMP COMPONENTS CXX)\n")
endif()
if(TARGET ZLIB::ZLIB)
    string(APPEND STRATA_OPTIONAL_DEPENDENCIES "find_dependency(ZLIB)\n")
endif()
configure_package_config_file(cmake/strataConfig.cmake.in ${PROJECT_BINARY_DIR}/strataConfig.cmake
                              INSTALL_DESTINATION ${package_dir})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/strataConfigVersion.cmake
                                 COMPATIBILITY SameMinorVersion ARCH_INDEPENDENT)
install(FILES ${PROJECT_BINARY_DIR}/strataConfig.cmake ${PROJECT_BINARY_DIR}/strataConfigVersion.cmake
        DESTINATION ${package_dir})
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
