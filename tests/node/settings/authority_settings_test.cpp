#include "settings/authority_settings.hpp"

#include <doctest.h>

namespace authority_settings_test {

using namespace phyllo;

namespace {

node::configuration configured() {
  node::configuration c;
  c.node.address = "127.60.0.1";
  c.node.data_directory = "/data";
  c.overlay.name = "overlay.example.com";
  c.login.bootstrap_nodes = {"192.0.2.9:6085"};
  return c;
}

constexpr const char* bad = "00112233445566778899aabbccddeeff";

}  // namespace

TEST_CASE("a login server says where it is and who else is there, unless it is told how others reach it") {
  auto c = configured();
  auto s = node::authority_settings_of(c);
  CHECK(s.overlay == "overlay.example.com");
  CHECK(s.directory == "/data/ca");
  CHECK(s.enrollment_url == "https://127.60.0.1:443/.well-known/reload-enroll");
  REQUIRE(s.bootstrap.size() == 2);
  CHECK(s.bootstrap[0].address == "127.60.0.1");
  CHECK(s.bootstrap[0].port == 6084);
  CHECK(s.bootstrap[1].address == "192.0.2.9");
  CHECK(s.bootstrap[1].port == 6085);
  c.node.advertised_address = "2001:db8::7";
  s = node::authority_settings_of(c);
  CHECK(s.enrollment_url == "https://[2001:db8::7]:443/.well-known/reload-enroll");
  CHECK(s.bootstrap[0].address == "2001:db8::7");
  c.login.url = "https://login.example.com/.well-known/reload-enroll";
  CHECK(node::authority_settings_of(c).enrollment_url == c.login.url);
}

TEST_CASE("who is revoked or may ask for diagnostics is named, and no file where none is") {
  auto c = configured();
  CHECK(node::authority_settings_of(c).bad_nodes_file.empty());
  c.overlay.bad_nodes = {bad};
  c.overlay.bad_nodes_file = "bad";
  c.login.diagnostic_nodes = {bad};
  c.login.aor_domains = {".*\\.example\\.com"};
  const auto s = node::authority_settings_of(c);
  CHECK(s.bad_nodes == std::vector{*identity::node_id::from_hex(bad)});
  CHECK(s.bad_nodes_file == "/data/bad");
  CHECK(s.diagnostic_nodes == s.bad_nodes);
  CHECK(s.aor_domains == c.login.aor_domains);
}

}  // namespace authority_settings_test
