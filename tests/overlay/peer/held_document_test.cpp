#include "peer/held_document.hpp"

#include <doctest.h>

#include "overlay/support/node_ids.hpp"
#include "overlay/support/simulated_ring.hpp"
#include "peer/document_assembly.hpp"
#include "phyllo/identity/errc.hpp"
#include "reload/config_update_message.hpp"

namespace held_document_test {

using namespace phyllo;
using namespace phyllo::testing;
using identity::errc;

namespace {

struct scene {
  [[nodiscard]] identity::parsed_configuration parsed(const std::string& text) {
    return identity::parse_configuration(text, {}, world.env().wall_now()).value();
  }
  [[nodiscard]] core::result<identity::parsed_configuration> judge(const std::string& text) {
    return held.judge(text, {}, world.env().wall_now(), issuer.name);
  }

  simulated_world world{1};
  core::metrics metrics;
  simulated_overlay issuer{world};
  overlay::held_document held{parsed(issuer.document(5)), core::hash_key{}, metrics.evictions("configuration")};
};

}  // namespace

TEST_CASE("a newer document of the overlay may replace the one in force, an older one or the same may not") {
  scene s;
  auto next = s.judge(s.issuer.document(6));
  REQUIRE(next.has_value());
  CHECK(s.judge(s.issuer.document(5)).error() == errc::older_document);
  CHECK(s.judge(s.issuer.document(4)).error() == errc::older_document);
  CHECK(s.held.current().content.sequence == 5);
  s.held.replace(std::move(*next));
  CHECK(s.held.current().content.sequence == 6);
  CHECK(s.judge(s.issuer.document(6)).error() == errc::older_document);
}

TEST_CASE("a document of another overlay is refused though it is signed as it must be") {
  scene s;
  CHECK(s.held.judge(s.issuer.document(6), {}, s.world.env().wall_now(), "example.net").error() == errc::wrong_overlay);
}

TEST_CASE("a document goes whole in one ConfigUpdate, and one that is too long for that does not") {
  scene s;
  const auto update = s.held.update();
  REQUIRE(update.has_value());
  CHECK(overlay::config_update_request::decode(update->body).value().document == s.held.current().text);
  auto longer = s.held.current();
  longer.text.resize(48 * 1024 + 1, ' ');
  s.held.replace(longer);
  CHECK_FALSE(s.held.update().has_value());
  longer.text.clear();
  s.held.replace(longer);
  CHECK_FALSE(s.held.update().has_value());
}

TEST_CASE("a node that goes on asking with an old document is sent the new one every ten seconds") {
  scene s;
  const core::time_point start{1000s};
  CHECK(s.held.may_push(id(1), start));
  CHECK_FALSE(s.held.may_push(id(1), start + 9s));
  CHECK(s.held.may_push(id(2), start + 9s));
  CHECK(s.held.may_push(id(1), start + 10s));
  CHECK_FALSE(s.held.may_push(id(1), start + 19s));
}

TEST_CASE("pieces that are asked for one after another are the document") {
  scene s;
  auto longer = s.held.current();
  longer.text.resize(70'000, 'x');
  s.held.replace(longer);
  overlay::document_assembly assembly;
  unsigned pieces = 0;
  while (!assembly.whole() && pieces < 10) {
    REQUIRE(assembly.take(s.held.piece(assembly.question())).has_value());
    ++pieces;
  }
  CHECK(pieces == 3);
  CHECK(assembly.text() == longer.text);
}

}  // namespace held_document_test
