#!/usr/bin/env bash
# Checks that each header includes what it uses of the standard library, by the words of this table. Compilers do not
# find that: what a header lacks often comes with something else, and with another library it does not.
#   check_includes.sh ROOT
# Prints one line for each violation and exits with 1 if there is any.
set -euo pipefail
cd "$1"
export LC_ALL=C

# Header: words of namespace std.
table='
algorithm: all_of any_of none_of clamp copy copy_n count equal fill fill_n find find_if generate is_permutation lower_bound max max_element min min_element remove_if reverse sort stable_sort swap_ranges transform upper_bound
array: array
atomic: atomic memory_order_acquire memory_order_relaxed memory_order_release
bit: bit_cast bit_ceil bit_width countl_zero countr_zero endian popcount rotl
charconv: from_chars to_chars
chrono: chrono
cmath: abs ceil cos erf exp expm1 fabs floor frexp isfinite isinf isnan ldexp log log1p lround pow round sin sqrt tanh trunc
concepts: convertible_to derived_from floating_point integral invocable same_as unsigned_integral
cstddef: byte ptrdiff_t size_t
cstdint: int8_t int16_t int32_t int64_t intptr_t uint8_t uint16_t uint32_t uint64_t uintptr_t
cstdio: FILE fflush fprintf fputs fwrite printf puts snprintf
cstdlib: abort aligned_alloc atexit exit free getenv malloc
cstring: memcmp memcpy memset strlen
exception: current_exception exception exception_ptr rethrow_exception
filesystem: filesystem
functional: function hash invoke less plus
initializer_list: initializer_list
iterator: back_inserter distance next prev
limits: numeric_limits
list: list
map: map multimap
memory: addressof construct_at destroy_at make_shared make_unique shared_ptr unique_ptr
mutex: lock_guard mutex scoped_lock unique_lock
new: align_val_t bad_alloc nothrow
numbers: numbers
numeric: accumulate gcd inner_product iota lcm
optional: nullopt optional
ranges: ranges
set: set
span: as_bytes as_writable_bytes span
stdexcept: invalid_argument logic_error out_of_range runtime_error
string: string to_string
string_view: string_view
system_error: errc error_code generic_category system_error
thread: jthread thread this_thread
tuple: apply get tuple tuple_element_t tuple_size tuple_size_v
type_traits: common_type_t conditional_t decay_t false_type integral_constant is_arithmetic_v is_const_v is_convertible_v is_floating_point_v is_integral_v is_same_v is_signed_v is_unsigned_v is_void_v make_unsigned_t remove_const_t remove_cvref_t remove_reference_t true_type type_identity void_t
utility: as_const declval exchange forward index_sequence index_sequence_for make_index_sequence move pair swap
vector: vector
'

found=$(find include/strata -name '*.hpp' | sort | xargs awk -v table="$table" '
    BEGIN {
        lines = split(table, line, "\n")
        for (i = 1; i <= lines; ++i) {
            count = split(line[i], words, "[: ]+")
            for (j = 2; j <= count; ++j) header_of[words[j]] = words[1]
        }
        # Either of two headers has these.
        also["get"] = "array"; also["swap"] = "algorithm"; also["abs"] = "cstdlib"; also["move"] = "algorithm"
    }
    function report(    word) {
        for (word in used)
            if (!(header_of[word] in included) && !(also[word] in included))
                print file ":" used[word] ": uses std::" word ", and does not include <" header_of[word] ">"
    }
    FNR == 1 {
        report()
        file = FILENAME
        split("", used)
        split("", included)
    }
    /^[ \t]*#[ \t]*include[ \t]*</ {
        match($0, /<[^>]*>/)
        included[substr($0, RSTART + 1, RLENGTH - 2)]
        next
    }
    {
        text = $0
        sub(/\/\/.*/, "", text)
        while (match(text, /std::[a-z_0-9]+/)) {
            word = substr(text, RSTART + 5, RLENGTH - 5)
            text = substr(text, RSTART + RLENGTH)
            if (word in header_of && !(word in used)) used[word] = FNR
        }
    }
    END { report() }' | sort)

[[ -z $found ]] && exit 0
printf '%s\n%d headers lack an include\n' "$found" "$(wc -l <<<"$found")"
exit 1
