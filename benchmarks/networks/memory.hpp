#pragma once

#include <cstddef>
#include <fstream>
#include <string>

/// The most memory that this process has had, in KiB; 0 where the system does not say (it is Linux that does).
inline std::size_t memory_high_water_mark() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmHWM:")) return std::stoul(line.substr(6));
    }
    return 0;
}

/// Lets the mark start again from what the process has now. Not every system allows it; then the mark stays.
inline void reset_memory_high_water_mark() { std::ofstream("/proc/self/clear_refs") << "5\n"; }
