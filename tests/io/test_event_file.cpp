#include "strata/io/event_file.hpp"

#include "support/catch.hpp"
#include "support/event_reader.hpp"
#include "support/files.hpp"

#include <sys/resource.h>

#include <array>
#include <chrono>
#include <cmath>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <limits>
#include <stdexcept>
#include <string>
#include <vector>

using namespace strata::authoring;

TEST_CASE("checksums are those of their specifications") {
    const auto castagnoli = [](const std::string& bytes) {
        return detail::crc32_of<detail::crc32c_polynomial>(test::as_bytes(bytes));
    };
    CHECK(detail::crc32_of(test::as_bytes("123456789")) == 0xCBF43926u);
    CHECK(castagnoli("123456789") == 0xE3069283u);
    CHECK(castagnoli(std::string(32, '\0')) == 0x8A9136AAu);  // RFC 3720, B.4
    CHECK(castagnoli("") == 0);
}

TEST_CASE("protobuf messages are written as in the documentation of the encoding") {
    CHECK(protobuf_message().integer(1, 150).bytes() == "\x08\x96\x01");
    CHECK(protobuf_message().text(2, "testing").bytes() == "\x12\x07testing");
    CHECK(protobuf_message().message(3, protobuf_message().integer(1, 150)).bytes() == "\x1a\x03\x08\x96\x01");
    CHECK(protobuf_message().number(1, 1.0).bytes() == std::string("\x09\0\0\0\0\0\0\xf0\x3f", 9));
    CHECK(protobuf_message().number(1, 1.0f).bytes() == std::string("\x0d\0\0\x80\x3f", 5));
    CHECK(protobuf_message().integer(16, ~std::uint64_t{0}).bytes() ==
          "\x80\x01\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01");
    CHECK(protobuf_message().integer(1, 0).bytes() == std::string("\x08\0", 2));
}

TEST_CASE("a histogram counts each value in one of 30 buckets") {
    const auto rows_of = [](const std::vector<double>& values) {
        const std::string bytes = detail::histogram_bytes(values);
        std::vector<std::array<double, 3>> rows;
        for (test::byte_reader reader{bytes}; !reader.left.empty();) {
            const double left = reader.number<double>(), right = reader.number<double>();
            rows.push_back({left, right, reader.number<double>()});
        }
        REQUIRE(rows.size() == 30);
        return rows;
    };
    const auto rows = rows_of({0, 0.5, 1, 2.5, 29.5, 30, NAN, INFINITY});
    CHECK(rows[0] == std::array{0.0, 1.0, 2.0});
    CHECK(rows[1] == std::array{1.0, 2.0, 1.0});
    CHECK(rows[2] == std::array{2.0, 3.0, 1.0});
    CHECK(rows[3] == std::array{3.0, 4.0, 0.0});
    CHECK(rows[29] == std::array{29.0, 30.0, 2.0});
    // Values that are all the same are counted in the last one, as by tf.summary.histogram.
    CHECK(rows_of({4, 4, 4})[28] == std::array{4.0, 4.0, 0.0});
    CHECK(rows_of({4, 4, 4})[29] == std::array{4.0, 4.0, 3.0});
    CHECK(rows_of({})[29] == std::array{0.0, 0.0, 0.0});
    // A range that no double holds.
    constexpr double most = std::numeric_limits<double>::max();
    const auto wide = rows_of({-most, 0.1 * most, most, most});
    CHECK((wide[0][2] == 1 && wide[16][2] == 1 && wide[29][2] == 2 && wide[29][1] == most));
}

TEST_CASE("a file of events has what was written, and after each flush can be read") {
    const test::temporary_folder folder;
    const double before = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
    event_file file(folder.path() / "new" / "train");
    CHECK(file.path().filename().string().starts_with("events.out.tfevents."));
    auto events = test::read_events(file.path());
    REQUIRE(events.size() == 1);
    CHECK(events[0].version == "brain.Event:2");
    CHECK(std::abs(events[0].time - before) < 60);

    file.scalar("epoch_loss", 300, 0.1);
    CHECK(test::read_events(file.path()).size() == 1);
    file.flush();
    file.histogram("kernel/histogram", 7, std::array{1.0f, 2.0f});
    file.flush();
    events = test::read_events(file.path());
    REQUIRE(events.size() == 3);
    CHECK(events[1].tag == "epoch_loss");
    CHECK(events[1].step == 300);
    CHECK(events[1].plugin == "scalars");
    CHECK(events[1].data_class == 0);
    CHECK(events[1].extents.empty());
    CHECK(events[1].values == std::vector<double>{0.1f});
    CHECK(events[2].tag == "kernel/histogram");
    CHECK(events[2].plugin == "histograms");
    CHECK(events[2].data_class == 2);
    CHECK(events[2].extents == std::vector<std::size_t>{30, 3});
    CHECK(events[2].values.size() == 90);

    // Two files of one folder and second are two, and what is no folder is said.
    CHECK(event_file(folder.path()).path() != event_file(folder.path()).path());
    CHECK_THROWS_AS(event_file(folder.file("file", "") / "below"), file_error);
}

namespace {

/// As on a full disk: no file can grow beyond so many bytes.
class file_size_limit {
public:
    explicit file_size_limit(std::uintmax_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{static_cast<rlim_t>(bytes), before_.rlim_max};
        if (setrlimit(RLIMIT_FSIZE, &limit) != 0) throw std::runtime_error("the size of files cannot be limited");
    }
    ~file_size_limit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        std::signal(SIGXFSZ, handler_);
    }
    file_size_limit(const file_size_limit&) = delete;
    file_size_limit& operator=(const file_size_limit&) = delete;

private:
    rlimit before_{};
    void (*handler_)(int);
};

}  // namespace

TEST_CASE("what could be written only in part is written once, later") {
    const test::temporary_folder folder;
    event_file file(folder.path());
    const auto begun = std::filesystem::file_size(file.path());
    file.scalar("loss", 1, 0.5);
    std::string message;
    {
        const file_size_limit full(begun + 10);
        try {
            file.flush();
        } catch (const file_error& error) {
            message = error.what();
        }
    }
    CHECK(message.find("TensorBoard's events cannot be written: File too large") != message.npos);
    CHECK(std::filesystem::file_size(file.path()) == begun);
    file.scalar("loss", 2, 0.25);
    file.flush();
    const auto events = test::read_events(file.path());
    REQUIRE(events.size() == 3);
    CHECK((events[1].step == 1 && events[2].step == 2));
}
