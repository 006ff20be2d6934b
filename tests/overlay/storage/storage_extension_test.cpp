#include "storage/storage_extension.hpp"

#include <doctest.h>

#include "support/codec_check.hpp"
#include "support/node_ids.hpp"

namespace storage_extension_test {

using namespace phyllo;
using namespace std::chrono_literals;
using overlay::replica_state;
using overlay::request_options;
using testing::from_digits;
using testing::id;
namespace error_code = overlay::error_code;
namespace extension_type = overlay::extension_type;

namespace {

// What one extension is decoded to: nothing, if that is well; or the error to answer with.
std::uint16_t error_of(std::uint16_t type, std::string_view digits, bool critical = true) {
  const auto o = overlay::decode({{.type = type, .critical = critical, .content = from_digits(digits)}});
  if (!o) return o.error();
  return 0;
}

}  // namespace

TEST_CASE("a critical extension that storage does not know is refused, another is not") {
  const std::vector<overlay::extension> critical{{.type = 0x1234, .critical = true, .content = {}}};
  CHECK(overlay::decode(critical).error() == overlay::error_code::unknown_extension);
  const std::vector<overlay::extension> harmless{{.type = 0x1234, .critical = false, .content = {}}};
  CHECK(overlay::decode(harmless).has_value());
  const std::vector<overlay::extension> cut{{.type = 0xF001, .critical = true, .content = {1, 2, 3}}};
  CHECK(overlay::decode(cut).error() == overlay::error_code::invalid_message);
  const auto all = overlay::decode(overlay::encode({.view = 7, .quorum = true, .if_absent = true}));
  REQUIRE(all.has_value());
  CHECK(all->view == 7);
  CHECK(all->quorum);
  CHECK(all->if_absent);
}

TEST_CASE("each wish of a request has its extension, which is critical where the request must not be granted without") {
  CHECK(overlay::encode({}).empty());
  overlay::state_digest seen{};
  seen.fill(0x33);
  const auto all = overlay::encode({.view = 7, .quorum = true, .if_absent = true, .watch = overlay::watch_request{1500ms, seen}});
  REQUIRE(all.size() == 4);
  const auto is = [&](std::size_t i, std::uint16_t type, bool critical, std::string_view digits) {
    CHECK(all[i].type == type);
    CHECK(all[i].critical == critical);
    CHECK(all[i].content == from_digits(digits));
  };
  is(0, 0xF001, true, "0000000000000007");
  is(1, 0xF002, true, "");
  is(2, 0xF005, false, "000005dc 33333333333333333333333333333333");
  is(3, 0xF003, true, "01");
  const auto back = overlay::decode(all);
  REQUIRE(back.has_value());
  REQUIRE(back->watch.has_value());
  CHECK(back->watch->hold == 1500ms);
  CHECK(back->watch->seen == seen);
  const auto none = overlay::decode({});
  REQUIRE(none.has_value());
  CHECK_FALSE(none->view.has_value());
  CHECK_FALSE(none->quorum);
  CHECK_FALSE(none->if_absent);
  CHECK_FALSE(none->watch.has_value());
}

TEST_CASE("what is malformed in an extension of ours is an invalid message, critical or not") {
  for (const bool critical : {false, true}) {
    CHECK(error_of(extension_type::replica_view, "00000000000007", critical) == error_code::invalid_message);
    CHECK(error_of(extension_type::replica_view, "000000000000000700", critical) == error_code::invalid_message);
    CHECK(error_of(extension_type::read_quorum, "01", critical) == error_code::invalid_message);
    CHECK(error_of(extension_type::watch, "000005dc 333333333333333333333333333333", critical) == error_code::invalid_message);
    CHECK(error_of(extension_type::watch, "", critical) == error_code::invalid_message);
    CHECK(error_of(extension_type::store_condition, "", critical) == error_code::invalid_message);
    CHECK(error_of(extension_type::store_condition, "0100", critical) == error_code::invalid_message);
    CHECK(error_of(extension_type::store_condition, "02", critical) == error_code::unknown_extension);
  }
  CHECK(error_of(extension_type::replica_state, "ff") == 0);  // of answers: a request's is passed over
}

TEST_CASE("the state of a replica set tells its view, who holds the value, its members, and who of them is unsynced") {
  const replica_state s{.view = 0x0102, .holders = 3, .members = {id(1, 1), id(2, 2)}, .unsynced = {id(2, 2)}};
  const auto e = s.encode();
  CHECK(e.type == 0xF004);
  CHECK_FALSE(e.critical);
  CHECK(e.content == from_digits("0000000000000102 03 0020 01000000000000000000000000000001 02000000000000000000000000000002"
                                 "0010 02000000000000000000000000000002"));
  CHECK(replica_state::decode(e.content) == s);
  testing::check_reads_whole_only(e.content, [](core::byte_view b) { return replica_state::decode(b).has_value(); });
}

TEST_CASE("a message's state is found among its extensions; a malformed one is none") {
  overlay::message_contents m;
  CHECK_FALSE(replica_state::of(m).has_value());
  m.extensions.push_back({.type = 7, .critical = false, .content = {}});
  CHECK_FALSE(replica_state::of(m).has_value());
  m.extensions.push_back(replica_state{.view = 9, .holders = 0, .members = {}, .unsynced = {}}.encode());
  CHECK(replica_state::of(m)->view == 9);
  CHECK(overlay::has_extension(m, 7));
  CHECK(overlay::has_extension(m, extension_type::replica_state));
  CHECK_FALSE(overlay::has_extension(m, 8));
  m.extensions.back().content.pop_back();
  CHECK_FALSE(replica_state::of(m).has_value());
}

}  // namespace storage_extension_test
