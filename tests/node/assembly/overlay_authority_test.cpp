#include "assembly/overlay_authority.hpp"

#include <doctest.h>

#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace overlay_authority_test {

using namespace phyllo;

namespace {

struct fixture {
  testing::real_world world;
  testing::temporary_directory directory;
  node::configuration c;

  fixture() {
    c.node.address = "127.60.0.1";
    c.node.data_directory = directory.path();
    c.overlay.name = "overlay.example.com";
    c.login.bootstrap_nodes = {"192.0.2.9:6085"};
  }
};

constexpr const char* bad = "00112233445566778899aabbccddeeff";

}  // namespace

TEST_CASE("an overlay's authority is made once, kept private, and found again") {
  fixture f;
  const auto made = node::open_overlay_authority(*f.world.env, f.c).value();
  const auto found = node::open_overlay_authority(*f.world.env, f.c).value();
  CHECK(made.ca.certificate_pem() == found.ca.certificate_pem());
  CHECK(made.signer.certificate == found.signer.certificate);
  for (const auto* name : {"ca/ca.pem", "ca/signer.pem"}) {
    const auto mode = std::filesystem::status(f.directory.file(name)).permissions();
    CHECK((mode & (std::filesystem::perms::group_all | std::filesystem::perms::others_all)) == std::filesystem::perms::none);
  }
}

TEST_CASE("a file that is no authority is named, not replaced") {
  fixture f;
  std::filesystem::create_directory(f.directory.file("ca"));
  f.directory.write("ca/ca.pem", "garbage");
  const auto opened = node::open_overlay_authority(*f.world.env, f.c);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error() == node::errc::configuration);
  CHECK(opened.error().detail().find("ca/ca.pem") != std::string::npos);
  CHECK(testing::content_of(f.directory.file("ca/ca.pem")) == "garbage");
}

TEST_CASE("the document says what the configuration does, and its sequence rises only with a change") {
  fixture f;
  auto& env = *f.world.env;
  const auto a = node::open_overlay_authority(env, f.c).value();
  const auto first = node::current_document(env, f.c, a).value();
  CHECK(first.content.instance_name == "overlay.example.com");
  CHECK(first.content.enrollment_servers == std::vector<std::string>{"https://127.60.0.1:443/.well-known/reload-enroll"});
  REQUIRE(first.content.bootstrap_nodes.size() == 2);
  CHECK(first.content.bootstrap_nodes[0].address == "127.60.0.1");
  CHECK(first.content.bootstrap_nodes[1].port == 6085);
  CHECK(first.content.expiration - env.wall_now() > std::chrono::days(90));
  const auto same = node::current_document(env, f.c, a).value();
  CHECK(same.text == first.text);

  f.c.overlay.bad_nodes = {bad};
  CHECK(node::current_document(env, f.c, a).value().text == first.text);  // the revocation list has them
  f.c.login.aor_domains = {"example.com"};
  const auto second = node::current_document(env, f.c, a).value();
  CHECK(second.content.sequence == first.content.sequence + 1);
  CHECK(second.content.bad_nodes.empty());
  CHECK(node::current_document(env, f.c, a).value().content.sequence == second.content.sequence);
}

TEST_CASE("where the overlay has a document that is not known here, the next one goes above it") {
  fixture f;
  auto& env = *f.world.env;
  const auto a = node::open_overlay_authority(env, f.c).value();
  const auto first = node::current_document(env, f.c, a).value();
  const auto above = [&](const identity::parsed_configuration& mine, const std::string& other) {
    return node::sequence_above(mine, other, env.wall_now()).value();
  };
  CHECK(above(first, first.text) == std::nullopt);
  f.c.login.aor_domains = {"example.com"};
  const auto second = node::current_document(env, f.c, a).value();
  CHECK(above(second, first.text) == std::nullopt);  // it is on its way there
  CHECK(above(first, second.text) == second.content.sequence + 1);
  f.directory.write("ca/document.xml", first.text);  // a backup
  f.c.login.aor_domains = {"example.net"};
  const auto twin = node::current_document(env, f.c, a).value();
  CHECK(twin.content.sequence == second.content.sequence);
  CHECK(above(twin, second.text) == second.content.sequence + 1);
  const auto next = node::current_document(env, f.c, a, 9).value();
  CHECK(next.content.sequence == 9);
  CHECK(node::current_document(env, f.c, a, 9).value().text == next.text);
  CHECK(node::current_document(env, f.c, a).value().text == next.text);
}

TEST_CASE("a document of another authority makes nobody go above it") {
  fixture f;
  auto& env = *f.world.env;
  const auto a = node::open_overlay_authority(env, f.c).value();
  const auto mine = node::current_document(env, f.c, a).value();
  fixture elsewhere;
  const auto b = node::open_overlay_authority(env, elsewhere.c).value();
  const auto theirs = node::current_document(env, elsewhere.c, b, 700).value();
  CHECK_FALSE(node::sequence_above(mine, theirs.text, env.wall_now()));
  CHECK_FALSE(node::sequence_above(mine, "noise", env.wall_now()));
}

TEST_CASE("the document restricts AORs and diagnostics as the operator says") {
  fixture f;
  auto& env = *f.world.env;
  const auto a = node::open_overlay_authority(env, f.c).value();
  const auto open = node::current_document(env, f.c, a).value().content;
  CHECK_FALSE(open.kinds[1].domains.has_value());
  CHECK(open.diagnostics.empty());
  f.c.login.aor_domains = {".*\\.example\\.com"};
  f.c.login.diagnostic_nodes = {bad};
  const auto restricted = node::current_document(env, f.c, a).value().content;
  CHECK(restricted.kinds[1].domains == identity::domain_restrictions{true, {".*\\.example\\.com"}});
  REQUIRE(restricted.diagnostics.size() == 4);
  CHECK(restricted.diagnostics[0].nodes == std::vector{*identity::node_id::from_hex(bad)});
}

TEST_CASE("bad nodes come from the key and from the file, whose wrong line is named") {
  fixture f;
  f.c.overlay.bad_nodes = {bad};
  f.c.overlay.bad_nodes_file = "bad";
  CHECK(node::read_bad_nodes(f.c).value().size() == 1);
  f.directory.write("bad", "# revoked in spring\n\nffeeddccbbaa99887766554433221100\n");
  CHECK(node::read_bad_nodes(f.c).value().size() == 2);
  f.directory.write("bad", "ffee\n");
  CHECK(node::read_bad_nodes(f.c).error().detail().find("bad:1: expected a Node-ID") != std::string::npos);
}

}  // namespace overlay_authority_test
