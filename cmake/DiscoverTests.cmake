# Asks a test program for its test cases and writes one add_test line for each; runs whenever the program is built.
# (Catch2's own script, run once for each label, would warn about every label that no test case has.)
#
#   cmake -D PROGRAM=… -D EMULATOR=… -D LIST_OPTIONS=… -D PREFIX=… -D OUTPUT=… -P DiscoverTests.cmake

set(script "")

# Adds the test cases with these Catch tags, under this ctest label.
function(add_test_cases label tags)
    execute_process(COMMAND ${EMULATOR} ${PROGRAM} ${tags} ${LIST_OPTIONS}
                    OUTPUT_VARIABLE names ERROR_VARIABLE errors RESULT_VARIABLE result)
    if(NOT result MATCHES "^[0-9]+$")  # Catch2 2 returns the number of test cases, a crash is a word
        message(FATAL_ERROR "${PROGRAM} cannot list its tests: ${result}\n${names}${errors}")
    endif()
    if(names MATCHES "[][;]")
        message(FATAL_ERROR "${PROGRAM}: the name of a test case must not contain [, ] or ;, which CMake would cut:\n"
                            "${names}")
    endif()
    string(REGEX MATCHALL "[^\n]+" names "${names}")
    foreach(name IN LISTS names)
        string(REGEX REPLACE [=[([,\"])]=] [=[\\\1]=] pattern "${name}")
        string(APPEND script
               "add_test([==[${PREFIX}${name}]==] ${EMULATOR} [==[${PROGRAM}]==] [==[${pattern}]==])\n"
               "set_tests_properties([==[${PREFIX}${name}]==] PROPERTIES LABELS ${label} "
               "ENVIRONMENT OMP_WAIT_POLICY=passive "  # tests run side by side: a waiting thread must not spin
               "FAIL_REGULAR_EXPRESSION \"No test cases matched\")\n")  # for which Catch2 2 returns 0
    endforeach()
    set(script "${script}" PARENT_SCOPE)
endfunction()

add_test_cases(fast "~[slow]~[threads]")
add_test_cases(slow "[slow]~[threads]")
add_test_cases(threads "[threads]~[slow]")
add_test_cases(slow-threads "[threads][slow]")

file(WRITE ${OUTPUT} "${script}")
