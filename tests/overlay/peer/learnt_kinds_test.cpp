#include "peer/learnt_kinds.hpp"

#include <doctest.h>

#include "overlay/support/node_ids.hpp"
#include "overlay/support/simulated_ring.hpp"
#include "phyllo/overlay/errc.hpp"
#include "reload/config_update_message.hpp"

namespace learnt_kinds_test {

using namespace phyllo;
using namespace phyllo::testing;
using overlay::errc;

namespace {

constexpr overlay::kind_id notes = 0xF0000100;

struct scene {
  [[nodiscard]] identity::parsed_configuration parsed(const std::string& text) {
    return identity::parse_configuration(text, {}, world.env().wall_now()).value();
  }
  [[nodiscard]] std::string block(overlay::kind_id id, std::uint32_t max_count = 4) const {
    return identity::print_kind_block({id, "", "ARRAY", "USER-MATCH", max_count, 100}, *issuer.signer);
  }
  overlay::learnt_kinds::taking take(const std::vector<std::string>& blocks) {
    return kinds.take(blocks, {}, world.now(), world.env().wall_now());
  }
  [[nodiscard]] bool serves(overlay::kind_id id) { return overlay::find_kind(kinds.served(), id) != nullptr; }

  simulated_world world{1};
  simulated_overlay issuer{world};
  identity::parsed_configuration document = parsed(issuer.document());
  overlay::learnt_kinds kinds{document, issuer.name};
};

std::size_t blocks_in(const overlay::message_contents& m) {
  REQUIRE(m.code == overlay::code::config_update_req);
  return overlay::config_update_request::decode(m.body).value().kinds.size();
}

}  // namespace

TEST_CASE("a Kind that is taken is served beside the document's, and is news once") {
  scene s;
  CHECK(s.kinds.empty());
  CHECK_FALSE(s.serves(notes));
  const auto first = s.take({s.block(notes)});
  CHECK(first.outcome.has_value());
  CHECK(first.news);
  CHECK(s.serves(notes));
  CHECK(s.serves(identity::resource_kind));
  const auto again = s.take({s.block(notes)});
  CHECK(again.outcome.has_value());
  CHECK_FALSE(again.news);
  CHECK(s.kinds.size() == 1);
}

TEST_CASE("a Kind that is known is never replaced, and what comes before a refused block is kept") {
  scene s;
  const auto taken = s.take({s.block(notes), s.block(notes, 5), s.block(notes + 1)});
  CHECK(taken.outcome.error() == errc::already_exists);
  CHECK(taken.news);
  CHECK(s.kinds.size() == 1);
  CHECK_FALSE(s.serves(notes + 1));
  CHECK(s.take({s.block(0x77)}).outcome.error() == errc::forbidden);
  CHECK(s.take({std::string(5000, 'x')}).outcome.error() == errc::quota_exceeded);
}

TEST_CASE("more than 64 Kinds are not learnt") {
  scene s;
  for (std::uint32_t i = 0; i < 64; ++i) REQUIRE(s.take({s.block(notes + i)}).news);
  CHECK(s.take({s.block(notes + 64)}).outcome.error() == errc::quota_exceeded);
  CHECK(s.kinds.size() == 64);
}

TEST_CASE("blocks that others make a node verify are a hundred at once, and two a second") {
  scene s;
  const std::string no_block = "<kind-block/>";
  for (int i = 0; i < 100; ++i) REQUIRE(s.take({no_block}).outcome.error() != errc::quota_exceeded);
  CHECK(s.take({no_block}).outcome.error() == errc::quota_exceeded);
  s.world.run_for(1s);
  CHECK(s.take({s.block(notes)}).news);
}

TEST_CASE("a node is taught all Kinds, eight in a message, and those that are news to all again") {
  scene s;
  for (std::uint32_t i = 0; i < 9; ++i) REQUIRE(s.take({s.block(notes + i)}).news);
  const std::vector<overlay::member> members{{.node = id(1)}, {.node = id(2)}, {.node = id(3)}};
  CHECK(s.kinds.untaught(members, id(1)) == std::vector{id(2), id(3)});
  const auto lesson = s.kinds.lesson_for(id(2));
  REQUIRE(lesson.size() == 2);
  CHECK(blocks_in(lesson[0]) == 8);
  CHECK(blocks_in(lesson[1]) == 1);
  CHECK(s.kinds.untaught(members, id(1)) == std::vector{id(3)});
  REQUIRE(s.take({s.block(notes + 9)}).news);
  CHECK(s.kinds.untaught(members, id(1)) == std::vector{id(2), id(3)});
}

TEST_CASE("a member that left and came back is taught again") {
  scene s;
  REQUIRE(s.take({s.block(notes)}).news);
  CHECK(s.kinds.lesson_for(id(2)).size() == 1);
  CHECK(s.kinds.untaught({{.node = id(1)}}, id(1)).empty());
  CHECK(s.kinds.untaught({{.node = id(1)}, {.node = id(2)}}, id(1)) == std::vector{id(2)});
}

TEST_CASE("definitions are given of Kinds that are known here, learnt or the document's") {
  scene s;
  REQUIRE(s.take({s.block(notes)}).news);
  CHECK_FALSE(s.kinds.definitions_of({notes + 1}).has_value());
  const auto known = s.kinds.definitions_of({notes, identity::resource_kind, notes + 1});
  REQUIRE(known.has_value());
  CHECK(blocks_in(*known) == 2);
}

TEST_CASE("a new document makes forgotten what it defines itself, and what its signers have not signed") {
  scene s;
  REQUIRE(s.take({s.block(notes), s.block(notes + 1)}).news);
  s.document.content.kinds.push_back({notes, "", "ARRAY", "USER-MATCH", 4, 100});
  s.kinds.forget_defined();
  CHECK(s.kinds.size() == 1);
  CHECK(s.serves(notes));
  s.document.content.kind_signers.clear();
  s.kinds.forget_defined();
  CHECK(s.kinds.empty());
  CHECK_FALSE(s.serves(notes + 1));
}

TEST_CASE("only Error_Unknown_Kind names Kinds that are unknown") {
  overlay::answer a;
  a.contents = overlay::make_error(overlay::error_code::unknown_kind, std::string("\x04\xF0\x00\x01\x00", 5));
  CHECK(overlay::unknown_kinds_of(a) == std::vector<overlay::kind_id>{notes});
  a.contents = overlay::make_error(overlay::error_code::forbidden, "no");
  CHECK(overlay::unknown_kinds_of(a).empty());
  CHECK(overlay::unknown_kinds_of(core::fail(errc::timed_out)).empty());
}

}  // namespace learnt_kinds_test
