#include "strata/io/npz.hpp"

#include "support/catch.hpp"
#include "support/files.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <utility>
#include <vector>

using namespace strata::authoring;
using detail::zip_entry;
using test::contains;
using test::little_endian;

namespace {

const std::filesystem::path numpy = std::filesystem::path(STRATA_TEST_DATA_DIR) / "numpy";

template <class T> std::vector<T> values(const dynamic_tensor<T>& array) { return {array.begin(), array.end()}; }

NpzFile parse(const std::string& bytes) { return NpzFile(detail::memory_storage(test::as_bytes(bytes), "a.npz")); }

/// A file of an archive that is to be made, and what its two headers say about it.
struct part {
    zip_entry own, listed;
    std::string bytes;
};

part stored(const std::string& name, const std::string& bytes) {
    zip_entry entry{.name = name, .packed = bytes.size(), .size = bytes.size()};
    entry.crc = detail::crc32_of(test::as_bytes(bytes));
    return {entry, entry, bytes};
}

/// An .npy file of two bytes.
std::string two(const std::string& bytes = "ab") {
    return detail::npy_preamble(dtype::u8, std::array<std::size_t, 1>{2}) + bytes;
}

/// The archive; `hole` stands between the last file and the table.
std::string archive(std::vector<part> parts, const std::string& hole = "") {
    std::string bytes;
    std::vector<zip_entry> listed;
    for (part& each : parts) {
        each.listed.header += bytes.size();
        bytes += detail::zip_own_header(each.own) + each.bytes;
        each.listed.data = bytes.size() - each.listed.packed;
        listed.push_back(each.listed);
    }
    bytes += hole;
    if (!listed.empty()) listed.back().data = bytes.size() - listed.back().packed;
    return bytes + detail::zip_directory(listed);
}

/// A part after a change of both headers.
template <class Change> part changed(part each, Change change) {
    change(each.own);
    change(each.listed);
    return each;
}

/// Storage of any size, zero but for some bytes.
class sparse_storage final : public detail::byte_storage {
public:
    sparse_storage(std::uint64_t size, std::vector<std::pair<std::uint64_t, std::string>> parts)
        : byte_storage(size, "sparse"), parts_(std::move(parts)) {}

    void read_at(std::uint64_t offset, std::span<std::byte> into) const override {
        for (std::size_t i = 0; i < into.size(); ++i) {
            into[i] = std::byte{0};
            for (const auto& [begin, bytes] : parts_)
                if (offset + i >= begin && offset + i - begin < bytes.size())
                    into[i] = static_cast<std::byte>(bytes[offset + i - begin]);
        }
    }

private:
    std::vector<std::pair<std::uint64_t, std::string>> parts_;
};

}  // namespace

TEST_CASE("crc32_of is zip's checksum") {
    CHECK(detail::crc32_of(test::as_bytes("123456789")) == 0xcbf43926);
    CHECK(detail::crc32_of(test::as_bytes("6789"), detail::crc32_of(test::as_bytes("12345"))) == 0xcbf43926);
    CHECK(detail::crc32_of({}) == 0);
}

TEST_CASE("load_npz reads what NumPy wrote, stored and packed") {
    const NpzFile stored = load_npz(numpy / "stored.npz");
    CHECK(stored.names() == std::vector<std::string>{"x", "labels", "größe"});
    CHECK(stored.shape("x") == std::vector<std::size_t>{2, 3});
    CHECK(values(stored.array<float>("x")) == std::vector<float>{0, 1, 2, 3, 4, 5});
    CHECK(values(stored.array<std::uint8_t>("labels")) == std::vector<std::uint8_t>{1, 2, 255});
    CHECK(values(stored.array<std::int32_t>("größe")) == std::vector<std::int32_t>{7});
    CHECK(!stored.contains("y"));
    CHECK_THROWS_WITH(stored.array<float>("y"), contains("stored.npz: there is no array \"y\"; there are \"x\", "));

    const auto x = load_npz(numpy / "packed.npz").array<double>("x");
    REQUIRE(x.size() == 5000);
    bool right = true;
    for (std::size_t i = 0; i < 5000; ++i) right = right && x(i) == static_cast<double>(i % 7);
    CHECK(right);
}

TEST_CASE("load_npz reads all types in both byte orders") {
    const NpzFile file = load_npz(numpy / "types.npz");
    std::size_t arrays = 0;
    for (const std::string& name : file.names()) {
        if (name[2] != '_') continue;
        INFO(name);
        CHECK(values(file.array<float>(name)) == std::vector<float>{0, 1, 2, 3, 4, 250});
        ++arrays;
    }
    CHECK(arrays == 19);
    CHECK(values(file.array<float>("i1")) == std::vector<float>{0, -1, 2, 3, 4, -128});
    CHECK(values(file.array<std::uint8_t>("b1")) == std::vector<std::uint8_t>{1, 0, 1});
    CHECK(file.shape("scalar").empty());
    CHECK(values(file.array<float>("scalar")) == std::vector<float>{2.5});
    CHECK(file.shape("empty") == std::vector<std::size_t>{0, 3});
    const auto halves = file.array<float>("halves");
    CHECK(halves(4) == 65504);
    CHECK(halves(5) == std::ldexp(1.0f, -24));
    CHECK(halves(7) == -INFINITY);
    const auto fortran = file.array<std::int32_t>("fortran");
    CHECK(file.shape("fortran") == std::vector<std::size_t>{2, 3, 4});
    for (std::size_t i = 0; i < 24; ++i) CHECK(fortran.data()[i] == static_cast<std::int32_t>(i));
}

TEST_CASE("save_npz writes the bytes that NumPy writes") {
    const test::temporary_folder folder;
    const auto path = folder.path() / "a.npz";
    const tensor<float, 2> x{{0, 1, 2}, {3, 4, 5}};
    const tensor<std::uint8_t, 1> labels{1, 2, 255};
    dynamic_tensor<std::int64_t> size(std::vector<std::size_t>{});
    size() = 7;
    save_npz(path, {{"x", x}, {"labels", labels}, {"größe", size}});
    CHECK(test::contents(path) == test::contents(numpy / "stored.npz"));
    save_npz(path, {{"x", x}, {"labels", labels}}, {.compressed = true});
    CHECK(values(load_npz(path).array<float>("x")) == std::vector<float>{0, 1, 2, 3, 4, 5});
    CHECK(values(load_npz(path).array<std::uint8_t>("labels")) == std::vector<std::uint8_t>{1, 2, 255});
    save_npz(path, {});
    CHECK(load_npz(path).names().empty());
    CHECK_THROWS_AS(save_npz(path, {{"x", x}, {"x", labels}}), value_error);
    CHECK_THROWS_AS(save_npz(path, {{std::string("x\0y", 3), x}}), value_error);
    CHECK_THROWS_AS(save_npz(path, {{"gr\xf6\xdf"
                                     "e",
                                     x}}),
                    value_error);  // Latin-1
    CHECK(load_npz(path).names().empty());
    CHECK(folder.entries() == 1);
}

TEST_CASE("archives of more than 4 GiB are written and read with zip64") {
    std::vector<zip_entry> entries;
    std::vector<std::pair<std::uint64_t, std::string>> parts;
    std::uint64_t end = 0;
    for (const std::uint64_t size : std::array<std::uint64_t, 3>{5'000'000'000, 100, 3'000'000'000}) {
        zip_entry entry{.name = concat({size, ".npy"}), .crc = 7, .packed = size, .size = size, .header = end};
        parts.emplace_back(end, detail::zip_own_header(entry));
        entry.data = end + parts.back().second.size();
        end = entry.data + size;
        entries.push_back(entry);
    }
    const std::string directory = detail::zip_directory(entries);
    parts.emplace_back(end, directory);
    const auto found = detail::zip_directory_reader(sparse_storage(end + directory.size(), parts)).read();
    REQUIRE(found.size() == 3);
    for (std::size_t i = 0; i < 3; ++i) {
        CHECK(found[i].size == entries[i].size);
        CHECK(found[i].packed == entries[i].packed);
        CHECK(found[i].header == entries[i].header);
        CHECK(found[i].data == entries[i].data);
    }
    CHECK(directory.find("PK\6\6") != std::string::npos);
    const auto locator = directory.find("PK\6\7");
    parts.back().second[locator + 8] ^= 1;
    const sparse_storage elsewhere(end + directory.size(), parts);
    CHECK_THROWS_WITH(detail::zip_directory_reader(elsewhere).read(), contains("the zip64 end of the archive should"));
}

TEST_CASE("malformed .npz files are refused") {
    const part a = stored("a.npy", two()), b = stored("b.npy", two("cd"));
    const std::string good = archive({a, b});
    const auto with = [&](std::size_t at, std::string bytes) {
        return std::string(good).replace(at, bytes.size(), bytes);
    };
    const auto from_end = [&](std::size_t at, std::string bytes) { return with(good.size() - at, std::move(bytes)); };
    const auto listed = [&](auto change) {  // the table says something else than the file's own header
        part lie = b;
        change(lie.listed);
        return archive({a, lie});
    };
    const auto both = [&](auto change) { return archive({a, changed(b, change)}); };
    const std::size_t table = good.find("PK\1\2");
    part twice = a;
    twice.listed.header -= detail::zip_own_header(a.own).size() + a.bytes.size();
    struct row {
        const char* name;
        std::string bytes;
        const char* message;
    };
    const std::vector<row> rows{
        {"empty", "", "an .npz file (a zip archive) expected"},
        {"an .npy file", two(), "this is a NumPy array (.npy) (read .npy files with load_npy)"},
        {"ends early", good.substr(0, 10), "the zip archive ends after 10 bytes"},
        {"ends in its end", good.substr(0, good.size() - 1), "should be the last 22 bytes"},
        {"a byte behind", good + "x", "should be the last 22 bytes of the file, without a comment (truncated"},
        {"a comment", from_end(2, std::string("\1\0", 2)) + "x", "without a comment"},
        {"a comment that is not there", from_end(2, std::string("\1\0", 2)), "without a comment"},
        {"another disk", from_end(18, "\1"), "an archive in several parts"},
        {"more files than listed", from_end(14, std::string("\3\0\3", 3)), "a table of 3 files expected"},
        {"fewer files than listed", from_end(14, std::string("\1\0\1", 3)), "its files take 51"},
        {"60000 files", from_end(14, "\x60\xea\x60\xea"), "a table of 60000 files expected"},
        {"a table elsewhere", from_end(6, "\1"), "the table of contents should end at byte"},
        {"no zip64", from_end(6, "\xff\xff\xff\xff"), "the zip64 end of the archive should begin"},
        {"no entry", with(table, "PX"), "an entry of the table of contents expected at byte"},
        {"a long name", with(table + 28, "\xff"), "is longer than the table"},
        {"a file on another disk", with(table + 34, "\1"), "another part of the archive"},
        {"no own header", with(0, "PK\3\4").replace(good.find("PK\3\4", 4), 2, "PX"), "its header expected at byte"},
        {"a hole at the end", archive({a, b}, "x"), "the files end at byte"},
        {"a file counted twice", archive({a, twice}), "\"a.npy\": it overlaps the one before it"},
        {"a hole", archive({{a.own, a.listed, a.bytes + "x"}, b}), "\"b.npy\": a hole before it"},
        {"another name", listed([](zip_entry& e) { e.name = "c.npy"; }), "its own header and the table"},
        {"another size", listed([](zip_entry& e) { e.size = e.packed = e.size - 1; }), "its own header and the table"},
        {"another checksum", listed([](zip_entry& e) { e.crc ^= 1; }), "its own header and the table"},
        {"another method", listed([](zip_entry& e) { e.method = 8; }), "its own header and the table"},
        {"other flags", listed([](zip_entry& e) { e.flags = 0x800; }), "its own header and the table"},
        {"behind the table", listed([](zip_entry& e) { e.header += 500; }), "it should begin before byte"},
        {"a wrong checksum", both([](zip_entry& e) { e.crc ^= 1; }), "its checksum (CRC-32) is"},
        {"encrypted", both([](zip_entry& e) { e.flags = 1; }), "it is encrypted"},
        {"sizes behind", both([](zip_entry& e) { e.flags = 8; }), "its sizes stand behind its bytes"},
        {"unknown flags", both([](zip_entry& e) { e.flags = 0x20; }), "unknown flags 32"},
        {"packed by bzip2", both([](zip_entry& e) { e.method = 12; }), "packed by method 12"},
        {"stored in fewer bytes", both([](zip_entry& e) { e.size += 1; }), "stored in 130 bytes, which should be 131"},
        {"not deflated", archive({a, changed(stored("b.npy", "\xff\xff"), [](zip_entry& e) { e.method = 8; })}),
         "\"b.npy\": damaged after 0 unpacked bytes: invalid block type"},
        {"too large to be true", both([](zip_entry& e) {
             e.method = 8;
             e.size = 1'000'000'000;
         }),
         "130 packed bytes cannot hold the 1000000000"},
        {"a zero in a name", both([](zip_entry& e) { e.name[0] = 0; }), "\"\\x00.npy\": a zero in its name"},
        {"one name twice", archive({a, stored("a.npy", two("cd"))}), "\"a.npy\" is there twice"},
        {"no array", archive({a, stored("b.txt", "text")}), "\"b.txt\": an .npz file holds .npy files only"},
        {"a bad array", archive({stored("a.npy", two().substr(0, 129))}), "takes 2 bytes, 1 are left"},
        {"a byte behind an array", archive({stored("a.npy", two("abc"))}), "1 byte follows where the data should end"},
    };
    REQUIRE(parse(good).array<std::uint8_t>("b")(1) == 'd');
    for (const row& malformed : rows) {
        INFO(malformed.name);
        CHECK_THROWS_AS(parse(malformed.bytes), file_error);
        CHECK_THROWS_WITH(parse(malformed.bytes), contains(malformed.message) && contains("a.npz: "));
    }
}

TEST_CASE("a packed array must unpack to exactly what the archive says") {
    const std::string bytes = two();
    const auto stream = detail::deflated({test::as_bytes(bytes)});
    part packed = stored("a.npy", std::string(reinterpret_cast<const char*>(stream.data()), stream.size()));
    for (zip_entry* const entry : {&packed.own, &packed.listed}) {
        entry->method = 8;
        entry->size = bytes.size();
        entry->crc = detail::crc32_of(test::as_bytes(bytes));
    }
    REQUIRE(parse(archive({packed})).array<std::uint8_t>("a")(1) == 'b');

    const auto refused = [&](std::size_t more, const std::string& message) {
        const auto lie = changed(packed, [&](zip_entry& entry) { entry.size += more; });
        CHECK_THROWS_WITH(parse(archive({lie})), contains(message));
    };
    refused(1, "1 byte follows where the data should end");
    refused(std::size_t{0} - 1, "the shape (2,) of type U8 takes 2 bytes, 1 are left");

    part longer = packed;  // a byte that the stream does not use
    longer.bytes += "x";
    longer = changed(longer, [](zip_entry& entry) { ++entry.packed; });
    CHECK_THROWS_WITH(parse(archive({longer})), contains("its packed bytes do not end where the archive says"));

    // The same where the stream ends with the last of the bytes that are read at a time: one stored block of deflate.
    constexpr std::size_t at_a_time = 65536, size = at_a_time - 5;
    const std::string preamble = detail::npy_preamble(dtype::u8, std::array<std::size_t, 1>{size - 128});
    REQUIRE(preamble.size() == 128);
    const std::string values = preamble + std::string(size - 128, 'v');
    std::string block = "\1" + std::string{static_cast<char>(size & 255), static_cast<char>(size >> 8),
                                           static_cast<char>(~size & 255), static_cast<char>(~size >> 8 & 255)};
    const auto packed_in = [&](const std::string& stored_bytes) {
        return changed(stored("a.npy", stored_bytes), [&](zip_entry& entry) {
            entry.method = 8;
            entry.size = values.size();
            entry.crc = detail::crc32_of(test::as_bytes(values));
        });
    };
    CHECK(parse(archive({packed_in(block + values)})).shape("a") == std::vector<std::size_t>{size - 128});
    CHECK_THROWS_WITH(parse(archive({packed_in(block + values + "x")})),
                      contains("its packed bytes do not end where the archive says"));

    part shorter = packed;
    shorter.bytes.pop_back();
    shorter = changed(shorter, [](zip_entry& entry) { --entry.packed; });
    CHECK_THROWS_AS(parse(archive({shorter})), file_error);

    // The header of the array allows two bytes; the stream goes on for a million.
    const std::string endless = two() + std::string(1'000'000, '\0');
    const auto bomb_stream = detail::deflated({test::as_bytes(endless)});
    part bomb = packed;
    bomb.bytes.assign(reinterpret_cast<const char*>(bomb_stream.data()), bomb_stream.size());
    bomb = changed(bomb, [&](zip_entry& entry) { entry.packed = bomb.bytes.size(); });
    CHECK_THROWS_WITH(parse(archive({bomb})), contains("unpacks to more than the 130 bytes that the archive says"));
}

TEST_CASE("an archive has 65,535 files without the numbers of zip64, as Python writes it, and one more with them") {
    for (const std::size_t count : {65535, 65536}) {
        std::vector<detail::zip_entry> entries;
        std::string bytes;
        for (std::size_t i = 0; i < count; ++i) {
            detail::zip_entry entry{.name = std::to_string(i), .header = bytes.size()};
            bytes += detail::zip_own_header(entry);
            entry.data = bytes.size();
            entries.push_back(entry);
        }
        bytes += detail::zip_directory(entries);
        const detail::memory_storage storage(test::as_bytes(bytes), "many");
        CHECK(detail::zip_directory_reader(storage).read().size() == count);
    }
}
