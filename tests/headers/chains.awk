# Puts headers into chains, one a line: each header includes, itself or through others, the one before it.
#   awk -f chains.awk HEADER…
# What is included on a condition does not count.
FNR == 1 { ++count; names[count] = FILENAME; numbers[FILENAME] = count; depth = 0 }
/^ *# *if/ { ++depth }
/^ *# *endif/ { --depth }
/^ *# *include "/ && depth == 0 { split($0, parts, "\""); includes[count] = includes[count] " " parts[2] }

function visit(header, top,    n, i, list) {
    if ((top, header) in reaches) return
    reaches[top, header] = 1
    ++sizes[top]
    n = split(includes[header], list, " ")
    for (i = 1; i <= n; ++i) if (list[i] in numbers) visit(numbers[list[i]], top)
}

# Of those that are left and that `top` includes, the one that includes most.
function largest_below(top,    i, best) {
    best = 0
    for (i = 1; i <= count; ++i)
        if (!(i in done) && (top == 0 || (top, i) in reaches) && (best == 0 || sizes[i] > sizes[best])) best = i
    return best
}

END {
    for (i = 1; i <= count; ++i) visit(i, i)
    while ((top = largest_below(0)) != 0) {
        chain = ""
        for (header = top; header != 0; header = largest_below(header)) {
            done[header] = 1
            chain = names[header] " " chain
        }
        print chain
    }
}
