#include "strata/system/atomic_file.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
#include <csignal>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace strata::authoring;
using test::contains;
using test::contents;

namespace {

/// While it lives, no file may grow beyond `limit` bytes: a disk that is full in the middle of a write.
class full_disk {
public:
    explicit full_disk(rlim_t limit) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        ::getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit now{limit, before_.rlim_max};
        ::setrlimit(RLIMIT_FSIZE, &now);
    }
    ~full_disk() {
        ::setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    full_disk(const full_disk&) = delete;
    full_disk& operator=(const full_disk&) = delete;

private:
    void (*handler_)(int);
    rlimit before_{};
};

}  // namespace

TEST_CASE("write_atomically writes, replaces and leaves nothing else behind") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "file";
    write_atomically(path, "first");
    CHECK(contents(path) == "first");
    write_atomically(path, test::as_bytes("2nd"));
    CHECK(contents(path) == "2nd");
    write_atomically(path, [](output_file& file) {
        file.write("in ");
        file.write("parts");
    });
    CHECK(contents(path) == "in parts");
    write_atomically(path, "");
    CHECK(contents(path).empty());
    CHECK(folder.entries() == 1);
}

TEST_CASE("an exception from the one who fills the file leaves the old file whole") {
    const test::temporary_folder folder;
    const auto path = folder.file("file", "old");
    CHECK_THROWS_WITH(write_atomically(path,
                                       [](output_file& file) {
                                           file.write("half of it");
                                           throw std::runtime_error("stop");
                                       }),
                      "stop");
    CHECK(contents(path) == "old");
    CHECK(folder.entries() == 1);
}

TEST_CASE("a full disk leaves the old file whole and no temporary file") {
    const test::temporary_folder folder;
    const auto path = folder.file("file", "old");
    {
        const full_disk limit(10000);
        CHECK_THROWS_AS(write_atomically(path, std::string(10001, 'x')), file_error);
        CHECK_THROWS_WITH(write_atomically(path, std::string(1000000, 'x')),
                          contains("file: cannot be written") && contains("an older file of this name is untouched"));
        CHECK(folder.entries() == 1);
        CHECK(contents(path) == "old");
        CHECK_NOTHROW(write_atomically(path, std::string(10000, 'y')));
    }
    CHECK(contents(path) == std::string(10000, 'y'));
}

TEST_CASE("a crash in the middle of writing leaves the old file whole, and the next write works") {
    const test::temporary_folder folder;
    const auto path = folder.file("file", "old");
    const pid_t child = ::fork();
    if (child == 0) {
        write_atomically(path, [](output_file& file) {
            file.write("half of it");
            ::_exit(3);
        });
    }
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    CHECK(WEXITSTATUS(status) == 3);
    CHECK(contents(path) == "old");
    CHECK(folder.entries() == 2);
    write_atomically(path, "new");
    CHECK(contents(path) == "new");
}

TEST_CASE("what a crashed program left under a temporary name is neither used nor touched") {
    const test::temporary_folder folder;
    for (int serial = 0; serial < 300; ++serial) {
        folder.file("file.tmp-" + std::to_string(::getpid()) + "-" + std::to_string(serial), "left");
    }
    write_atomically(folder.path() / "file", "new");
    CHECK(contents(folder.path() / "file") == "new");
    CHECK(folder.entries() == 301);
    for (const auto& entry : std::filesystem::directory_iterator(folder.path())) {
        if (entry.path().filename() != "file") CHECK(contents(entry.path()) == "left");
    }
}

TEST_CASE("write_atomically refuses what it cannot replace") {
    const test::temporary_folder folder;
    CHECK_THROWS_WITH(write_atomically(folder.path(), "x"), contains("is a folder or a device"));
    CHECK_THROWS_WITH(write_atomically("/dev/full", "x"), contains("/dev/full: is a folder or a device"));
    const auto nowhere = folder.path() / "no" / "file";
    CHECK_THROWS_WITH(write_atomically(nowhere, "x"), contains(nowhere.string() + ": cannot be created"));
    CHECK(folder.entries() == 0);
}

TEST_CASE("write_atomically keeps permissions and follows a symbolic link") {
    const test::temporary_folder folder;
    const auto path = folder.file("private", "old");
    std::filesystem::permissions(path, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
    const auto link = folder.path() / "link";
    std::filesystem::create_symlink("private", link);
    write_atomically(link, "new");
    CHECK(std::filesystem::is_symlink(link));
    CHECK(contents(path) == "new");
    CHECK(std::filesystem::status(path).permissions() ==
          (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write));
}

TEST_CASE("write_atomically creates the file that a symbolic link names, and refuses a ring of links") {
    const test::temporary_folder folder;
    std::filesystem::create_directory(folder.path() / "inner");
    std::filesystem::create_symlink("inner/later", folder.path() / "link");
    std::filesystem::create_symlink(folder.path() / "link", folder.path() / "outer");
    write_atomically(folder.path() / "outer", "new");
    CHECK(std::filesystem::is_symlink(folder.path() / "outer"));
    CHECK(std::filesystem::is_symlink(folder.path() / "link"));
    CHECK(contents(folder.path() / "inner" / "later") == "new");

    const auto ring = folder.path() / "ring";
    std::filesystem::create_symlink("ring", ring);
    CHECK_THROWS_WITH(write_atomically(ring, "x"), contains(ring.string() + ": cannot be created"));
}

TEST_CASE("write_atomically takes names of any length but none") {
    const test::temporary_folder folder;
    const auto longest = folder.path() / std::string(255, 'n');
    write_atomically(longest, "x");
    CHECK(contents(longest) == "x");
    CHECK_THROWS_WITH(write_atomically("", "x"), "a file cannot be written without a name");
}

TEST_CASE("write_atomically takes a name without a folder") {
    const test::temporary_folder folder;
    const auto before = std::filesystem::current_path();
    std::filesystem::current_path(folder.path());
    CHECK_NOTHROW(write_atomically("plain", "x"));
    std::filesystem::current_path(before);
    CHECK(contents(folder.path() / "plain") == "x");
}

TEST_CASE("threads that write one file leave one of their files whole", "[threads]") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "file";
    std::vector<std::thread> threads;
    for (char c = 'a'; c < 'e'; ++c) {
        threads.emplace_back([&path, c] {
            for (int i = 0; i < 10; ++i) write_atomically(path, std::string(5000, c));
        });
    }
    for (std::thread& thread : threads) thread.join();
    const std::string text = contents(path);
    CHECK(text == std::string(5000, text.front()));
    CHECK(folder.entries() == 1);
}
