#include "files/credential_file.hpp"

#include <doctest.h>

#include "phyllo/identity/certificate.hpp"
#include "support/temporary_directory.hpp"

namespace credential_file_test {

using namespace phyllo;

namespace {

identity::credential issued(core::wall_time from, core::wall_time to) {
  static const auto ca = identity::authority::create("overlay.example.com", std::chrono::system_clock::now());
  auto key = identity::private_key::generate();
  identity::node_id id;
  id.octets.back() = 7;
  const identity::authority::request r{id, "node1@example.com", "overlay.example.com", {}, from, to};
  auto certificate = ca.issue(r, key.native()).value();
  return {std::move(certificate), std::move(key)};
}

}  // namespace

TEST_CASE("a credential is found again as it was kept, and a broken file is none") {
  const testing::temporary_directory d;
  node::configuration c;
  c.node.data_directory = d.path();
  CHECK_FALSE(node::load_credential(c).value().has_value());
  const auto now = std::chrono::system_clock::now();
  const auto e = issued(now, now + std::chrono::hours(24));
  REQUIRE(node::save_credential(c, e).has_value());
  const auto back = node::load_credential(c).value();
  REQUIRE(back);
  CHECK(back->certificate == e.certificate);
  CHECK(back->key.pem() == e.key.pem());
  d.write("node.pem", "garbage");
  CHECK_FALSE(node::load_credential(c).value().has_value());
}

TEST_CASE("a certificate is renewed after two thirds of its life, a very short one after two thirds of what is left") {
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  const auto week = issued(now, now + std::chrono::hours(168)).certificate;
  CHECK(node::renewal_time(week, now) == now + std::chrono::hours(112));
  const auto minute = issued(now - std::chrono::hours(1), now + std::chrono::seconds(60)).certificate;
  CHECK(node::renewal_time(minute, now) == now + std::chrono::seconds(40));
}

}  // namespace credential_file_test
