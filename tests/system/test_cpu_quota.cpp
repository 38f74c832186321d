#include "strata/system/cpu_quota.hpp"

#include "strata/core/random.hpp"
#include "support/catch.hpp"
#include "support/files.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

using namespace strata::authoring;
using strata::authoring::detail::cpu_quota;

namespace {

/// A root folder with the files that a process sees of its control group.
class canned_root {
public:
    canned_root& with(const std::string& name, std::string_view text) {
        std::filesystem::create_directories((folder_.path() / name).parent_path());
        folder_.file(name, text);
        return *this;
    }
    std::size_t cpus() const { return cpu_quota(folder_.path().string()); }

private:
    test::temporary_folder folder_;
};

std::size_t cpus_of_max(std::string_view text) {
    return canned_root().with("proc/self/cgroup", "0::/\n").with("sys/fs/cgroup/cpu.max", text).cpus();
}

}  // namespace

TEST_CASE("cpu.max grants a number of processors, rounded up") {
    CHECK(cpus_of_max("max 100000\n") == 0);
    CHECK(cpus_of_max("200000 100000\n") == 2);
    CHECK(cpus_of_max("150000 100000\n") == 2);
    CHECK(cpus_of_max("1000 100000\n") == 1);
    CHECK(cpus_of_max("1600000 50000\n") == 32);
}

TEST_CASE("files that hold something else grant without limit") {
    for (const char* text : {"", "\n", "max", "100000", "0 100000", "100000 0", "-1 100000", "100000 -1", " 1 1",
                             "99999999999999999999 1", "1 99999999999999999999", "many few", "\xff\xfe 1"}) {
        INFO(text);
        CHECK(cpus_of_max(text) == 0);
    }
    CHECK(cpus_of_max("9223372036854775807 1") == 9223372036854775807u);
    CHECK(cpus_of_max(std::string(100'000, '1')) == 0);
    CHECK(canned_root().cpus() == 0);
    CHECK(canned_root().with("proc/self/cgroup", "0::/").cpus() == 0);
    CHECK(canned_root().with("proc/self/cgroup", "::::\n\n:\n0\n0:\n0::\n").cpus() == 0);
}

TEST_CASE("no content of the files is dangerous") {
    random_stream random(5, 0);
    for (int turn = 0; turn < 200; ++turn) {
        const auto draw = [&] {
            std::string text(random.below(40), ' ');
            for (char& c : text) c = "0:/,cpu9\n-max\0 "[random.below(15)];
            return text;
        };
        const std::size_t cpus = canned_root()
                                     .with("proc/self/cgroup", "0::" + draw() + "\n" + draw())
                                     .with("sys/fs/cgroup/cpu.max", draw())
                                     .cpus();
        CHECK(cpus <= std::size_t{9223372036854775807u});
    }
}

TEST_CASE("the smallest limit of all enclosing groups counts") {
    canned_root root;
    root.with("proc/self/cgroup", "0::/jobs/mine\n").with("sys/fs/cgroup/jobs/cpu.max", "300000 100000\n");
    CHECK(root.cpus() == 3);
    root.with("sys/fs/cgroup/jobs/mine/cpu.max", "500000 100000\n");
    CHECK(root.cpus() == 3);
    root.with("sys/fs/cgroup/jobs/mine/cpu.max", "100000 100000\n");
    CHECK(root.cpus() == 1);
    root.with("sys/fs/cgroup/other/cpu.max", "1 1000\n").with("sys/fs/cgroup/jobs/mine/below/cpu.max", "1 1000\n");
    root.with("sys/fs/cgroup/jobs/mine/cpu.max", "max 100000\n");
    CHECK(root.cpus() == 3);
}

TEST_CASE("a container that sees the path from outside finds its limit at the top") {
    CHECK(canned_root()
              .with("proc/self/cgroup", "0::/system.slice/container-1\n")
              .with("sys/fs/cgroup/cpu.max", "400000 100000\n")
              .cpus() == 4);
}

TEST_CASE("version 1 has the quota and the period in two files") {
    canned_root root;
    root.with("proc/self/cgroup", "4:memory:/a\n3:cpu,cpuacct:/a\n2:cpuset:/\n0::/\n");
    root.with("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_period_us", "100000\n");
    CHECK(root.cpus() == 0);
    root.with("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "-1\n");
    CHECK(root.cpus() == 0);
    root.with("sys/fs/cgroup/cpu,cpuacct/a/cpu.cfs_quota_us", "250000\n");
    CHECK(root.cpus() == 3);
    root.with("sys/fs/cgroup/unified/cpu.max", "200000 100000\n");
    CHECK(root.cpus() == 2);
    root.with("sys/fs/cgroup/cpuset/cpu.cfs_quota_us", "1\n").with("sys/fs/cgroup/cpuset/cpu.cfs_period_us", "1\n");
    CHECK(root.cpus() == 2);
}
