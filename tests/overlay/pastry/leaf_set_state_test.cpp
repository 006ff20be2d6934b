#include "pastry/leaf_set_state.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"
#include "support/node_ids.hpp"

namespace leaf_set_state_test {

using namespace phyllo;
using namespace phyllo::overlay;
using namespace std::chrono_literals;
using testing::from_digits;
using testing::id;

namespace {

places at_port(std::uint16_t port) { return {{transport::link_kind::dtls, {asio::ip::make_address("192.0.2.1"), port}}}; }

leaf_set_state told() {
  leaf_set_state s;
  s.incarnation = 0x0102;
  s.clock_ms = 0x0304;
  s.flags = leaf_set_state::flag_active | leaf_set_state::flag_uses;
  s.own = at_port(5);
  s.left = {id(1)};
  s.right = {id(2)};
  s.failed = {id(3)};
  s.named.add(at_port(6));
  s.named.add({});
  return s;
}

core::bytes written(const leaf_set_state& s) {
  core::bytes out;
  core::wire_writer w(out);
  s.write(w);
  return out;
}

std::optional<leaf_set_state> read(core::byte_view bytes) {
  core::wire_reader r(bytes);
  auto s = leaf_set_state::read(r);
  if (!r.done()) return std::nullopt;
  return s;
}

core::bytes written_rows(const std::vector<table_row>& rows) {
  core::bytes out;
  core::wire_writer w(out);
  write_rows(w, rows);
  return out;
}

std::optional<std::vector<table_row>> read_all_rows(core::byte_view bytes) {
  core::wire_reader r(bytes);
  auto rows = read_rows(r);
  if (!r.done()) return std::nullopt;
  return rows;
}

}  // namespace

TEST_CASE("a LeafSetState is laid out as pastry.md says, and reads back as it was") {
  const auto bytes = written(told());
  CHECK(bytes == from_digits("01 00000102 0000000000000304 21  09 03 01 06 c0000201 0005"
                             "0010 01000000000000000000000000000000"
                             "0010 02000000000000000000000000000000"
                             "0010 03000000000000000000000000000000"
                             "000b 09 03 01 06 c0000201 0006 00  0000"));
  CHECK(read(bytes) == told());
  testing::check_reads_whole_only(bytes, read);
  CHECK(told().has(leaf_set_state::flag_uses));
  CHECK_FALSE(told().has(leaf_set_state::flag_busy));
}

TEST_CASE("a state of another version is not read, nor one whose places are of fewer nodes than it names") {
  auto other = written(told());
  other[0] = 2;
  CHECK_FALSE(read(other).has_value());
  auto few = told();
  few.named = {};
  CHECK(read(written(few)).has_value());  // none at all
  few.named.add(at_port(6));
  CHECK_FALSE(read(written(few)).has_value());
  auto many = told();
  many.named.add({});
  CHECK_FALSE(read(written(many)).has_value());
}

TEST_CASE("a row is laid out as pastry.md says, a round-trip time for each entry") {
  const std::vector<table_row> rows{{.row = 3, .entries = {id(1), id(2)}, .rtts = {250}, .named = {}}};
  const auto bytes = written_rows(rows);
  CHECK(bytes == from_digits("002f 03 0020 01000000000000000000000000000000 02000000000000000000000000000000"
                             "0008 000000fa 00000000 0000"));
  const auto back = read_all_rows(bytes);
  REQUIRE(back.has_value());
  REQUIRE(back->size() == 1);
  CHECK(back->front().rtts == std::vector<std::uint32_t>{250, 0});
  CHECK(back->front().entries == rows.front().entries);
  testing::check_reads_whole_only(bytes, read_all_rows);
}

TEST_CASE("a row with more or fewer round-trip times than entries is refused, and so are more than 128 rows") {
  const std::string entry = "03 0010 01000000000000000000000000000000 ";
  CHECK(read_all_rows(from_digits("001b " + entry + "0004 000000fa 0000")).has_value());
  CHECK_FALSE(read_all_rows(from_digits("0017 " + entry + "0000 0000")).has_value());
  CHECK_FALSE(read_all_rows(from_digits("001f " + entry + "0008 000000fa 000000fa 0000")).has_value());
  CHECK_FALSE(read_all_rows(from_digits("001a " + entry + "0003 0000fa 0000")).has_value());
  CHECK(read_all_rows(written_rows(std::vector<table_row>(128)))->size() == 128);
  CHECK_FALSE(read_all_rows(written_rows(std::vector<table_row>(129))).has_value());
}

TEST_CASE("a round-trip time is told in whole microseconds, within what four octets hold") {
  CHECK(microseconds(1ms) == 1000);
  CHECK(microseconds(1999ns) == 1);
  CHECK(microseconds(-1s) == 0);
  CHECK(microseconds(2h) == 0xffffffff);
}

}  // namespace leaf_set_state_test
