// The configuration document that an overlay's operator publishes.
#include <doctest.h>

#include "authority_in_directory.hpp"
#include "phyllo/identity/errc.hpp"

namespace overlay_document_test {

using namespace phyllo;
using fixture = testing::authority_in_directory;

namespace {

const auto bad = *identity::node_id::from_hex("00112233445566778899aabbccddeeff");

}  // namespace

TEST_CASE("the document says what the configuration does, and its sequence rises only with a change") {
  fixture f;
  auto& env = *f.world.env;
  const auto a = enrollment::open_overlay_authority(env, f.s).value();
  const auto first = enrollment::current_document(env, f.s, a).value();
  CHECK(first.content.instance_name == "overlay.example.com");
  CHECK(first.content.enrollment_servers == std::vector<std::string>{"https://127.60.0.1:443/.well-known/reload-enroll"});
  REQUIRE(first.content.bootstrap_nodes.size() == 2);
  CHECK(first.content.bootstrap_nodes[0].address == "127.60.0.1");
  CHECK(first.content.bootstrap_nodes[1].port == 6085);
  CHECK(first.content.expiration - env.wall_now() > std::chrono::days(90));
  const auto same = enrollment::current_document(env, f.s, a).value();
  CHECK(same.text == first.text);

  f.s.bad_nodes = {bad};
  CHECK(enrollment::current_document(env, f.s, a).value().text == first.text);  // the revocation list has them
  f.s.aor_domains = {"example.com"};
  const auto second = enrollment::current_document(env, f.s, a).value();
  CHECK(second.content.sequence == first.content.sequence + 1);
  CHECK(second.content.bad_nodes.empty());
  CHECK(enrollment::current_document(env, f.s, a).value().content.sequence == second.content.sequence);
}

TEST_CASE("where the overlay has a document that is not known here, the next one goes above it") {
  fixture f;
  auto& env = *f.world.env;
  const auto a = enrollment::open_overlay_authority(env, f.s).value();
  const auto first = enrollment::current_document(env, f.s, a).value();
  const auto above = [&](const identity::parsed_configuration& mine, const std::string& other) {
    return enrollment::sequence_above(mine, other, env.wall_now()).value();
  };
  CHECK(above(first, first.text) == std::nullopt);
  f.s.aor_domains = {"example.com"};
  const auto second = enrollment::current_document(env, f.s, a).value();
  CHECK(above(second, first.text) == std::nullopt);  // it is on its way there
  CHECK(above(first, second.text) == second.content.sequence + 1);
  f.directory.write("ca/document.xml", first.text);  // a backup
  f.s.aor_domains = {"example.net"};
  const auto twin = enrollment::current_document(env, f.s, a).value();
  CHECK(twin.content.sequence == second.content.sequence);
  CHECK(above(twin, second.text) == second.content.sequence + 1);
  const auto next = enrollment::current_document(env, f.s, a, 9).value();
  CHECK(next.content.sequence == 9);
  CHECK(enrollment::current_document(env, f.s, a, 9).value().text == next.text);
  CHECK(enrollment::current_document(env, f.s, a).value().text == next.text);
}

TEST_CASE("a document of another authority makes nobody go above it") {
  fixture f;
  auto& env = *f.world.env;
  const auto a = enrollment::open_overlay_authority(env, f.s).value();
  const auto mine = enrollment::current_document(env, f.s, a).value();
  fixture elsewhere;
  const auto b = enrollment::open_overlay_authority(env, elsewhere.s).value();
  const auto theirs = enrollment::current_document(env, elsewhere.s, b, 700).value();
  CHECK_FALSE(enrollment::sequence_above(mine, theirs.text, env.wall_now()));
  CHECK_FALSE(enrollment::sequence_above(mine, "noise", env.wall_now()));
}

TEST_CASE("the document restricts AORs and diagnostics as the operator says") {
  fixture f;
  auto& env = *f.world.env;
  const auto a = enrollment::open_overlay_authority(env, f.s).value();
  const auto open = enrollment::current_document(env, f.s, a).value().content;
  CHECK_FALSE(open.kinds[1].domains.has_value());
  CHECK(open.diagnostics.empty());
  f.s.aor_domains = {".*\\.example\\.com"};
  f.s.diagnostic_nodes = {bad};
  const auto restricted = enrollment::current_document(env, f.s, a).value().content;
  CHECK(restricted.kinds[1].domains == identity::domain_restrictions{true, {".*\\.example\\.com"}});
  REQUIRE(restricted.diagnostics.size() == 4);
  CHECK(restricted.diagnostics[0].nodes == std::vector{bad});
}

TEST_CASE("bad nodes come from the key and from the file, whose wrong line is named") {
  fixture f;
  f.s.bad_nodes = {bad};
  f.s.bad_nodes_file = f.directory.file("bad");
  CHECK(enrollment::read_bad_nodes(f.s).value().size() == 1);
  f.directory.write("bad", "# revoked in spring\n\nffeeddccbbaa99887766554433221100\n");
  CHECK(enrollment::read_bad_nodes(f.s).value().size() == 2);
  f.directory.write("bad", "ffee\n");
  CHECK(enrollment::read_bad_nodes(f.s).error().detail().find("bad:1: expected a Node-ID") != std::string::npos);
}

TEST_CASE("a kept document that is none is named by its file, and not replaced") {
  fixture f;
  auto& env = *f.world.env;
  const auto a = enrollment::open_overlay_authority(env, f.s).value();
  f.directory.write("ca/document.xml", "<overlay/>");
  const auto d = enrollment::current_document(env, f.s, a);
  REQUIRE_FALSE(d.has_value());
  CHECK(d.error() == identity::errc::malformed_document);
  CHECK(d.error().detail().find("document.xml") != std::string::npos);
  CHECK(testing::content_of(f.directory.file("ca/document.xml")) == "<overlay/>");
}

}  // namespace overlay_document_test
