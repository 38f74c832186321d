#pragma once

#include <cfenv>

/// Lets operations on floating point that are invalid, divide by zero or overflow end the program, by SIGFPE, as long
/// as it lives: what a host does that debugs its own numbers. Catch reports the signal as a failure. Only x86 with
/// glibc can; elsewhere it does nothing.
namespace strata::authoring::test {

#if defined(__GLIBC__) && (defined(__x86_64__) || defined(__i386__))
class float_traps {
public:
    float_traps() {
        std::feclearexcept(FE_ALL_EXCEPT);
        feenableexcept(traps);
    }
    ~float_traps() {
        std::feclearexcept(FE_ALL_EXCEPT);
        fedisableexcept(traps);
    }
    float_traps(const float_traps&) = delete;
    float_traps& operator=(const float_traps&) = delete;

private:
    static constexpr int traps = FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW;
};
#else
class float_traps {
public:
    float_traps() {}
    ~float_traps() {}
};
#endif

}  // namespace strata::authoring::test
