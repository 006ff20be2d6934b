#include "phyllo/enrollment/supernode_list.hpp"

#include <doctest.h>

#include <nlohmann/json.hpp>

#include "phyllo/enrollment/errc.hpp"
#include "phyllo/identity/errc.hpp"

namespace supernode_list_test {

using namespace phyllo;
using namespace phyllo::enrollment;
using nlohmann::json;
using std::chrono::minutes;

namespace {

const auto now = core::from_unix_milliseconds(1'767'225'600'000);

struct fixture {
  identity::authority ca = identity::authority::create("login.example.com", now - std::chrono::hours(1));
  identity::credential node = issue(ca);
  identity::trust trust{"ring.example.com"};
  supernode_list list{"ring.example.com", now, {{"192.0.2.1", 6084}, {"2001:db8::1", 7000}}};

  fixture() { REQUIRE(trust.update({ca.certificate_der()}, {})); }
  static identity::credential issue(const identity::authority& by) {
    identity::node_id id;
    id.octets.fill(0x5a);
    auto key = identity::private_key::generate();
    auto certificate =
        by.issue({id, "node1@example.com", "ring.example.com", {}, now - std::chrono::hours(1), now + std::chrono::hours(1)}, key.native())
            .value();
    return {std::move(certificate), std::move(key)};
  }
  core::result<supernode_list> read(const std::string& text, core::duration later = {}) {
    return parse_supernode_list(text, trust, now + std::chrono::duration_cast<core::wall_time::duration>(later));
  }
  std::string with(const char* key, const json& value) {
    auto j = json::parse(print(list, node));
    j[key] = value;
    return j.dump();
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "a list of supernodes reads as it was printed, by whoever trusts its signer") {
  const auto l = read(print(list, node));
  REQUIRE_MESSAGE(l.has_value(), (l ? "" : l.error().message()));
  CHECK(l->overlay == list.overlay);
  CHECK(l->time == now);
  REQUIRE(l->nodes.size() == 2);
  CHECK(l->nodes[1].address == "2001:db8::1");
  CHECK(l->nodes[1].port == 7000);
}

TEST_CASE_FIXTURE(fixture, "a list that is changed, or signed by a stranger, is refused") {
  CHECK(read(with("time_ms", 1'767'225'600'001)).error() == identity::errc::bad_signature);
  CHECK(read(with("nodes", json::array())).error() == identity::errc::bad_signature);
  // Signed is the same text.
  const auto one = json::array({json{{"address", "192.0.2.1 6084\n2001:db8::1"}, {"port", 7000}}});
  const auto read_as_one = read(with("nodes", one));
  REQUIRE_FALSE(read_as_one.has_value());
  CHECK(read_as_one.error() == errc::server_error);
  const auto evil = identity::authority::create("evil.example.com", now - std::chrono::hours(1));
  CHECK(read(print(list, issue(evil))).error() == identity::errc::unknown_issuer);
  REQUIRE(trust.update({ca.certificate_der()}, {node.certificate.node()}));
  CHECK(read(print(list, node)).error() == identity::errc::revoked);
}

TEST_CASE_FIXTURE(fixture, "a list of another time or overlay is refused") {
  const auto text = print(list, node);
  CHECK(read(text, minutes(5)));
  CHECK(read(text, -minutes(5)));
  CHECK(read(text, minutes(6)).error() == errc::server_error);
  CHECK(read(text, -minutes(6)).error() == errc::server_error);
  list.overlay = "other.example.com";
  CHECK(read(print(list, node)).error() == errc::server_error);
}

TEST_CASE_FIXTURE(fixture, "what is no list is refused") {
  for (const auto& text : {std::string(), std::string("[]"), std::string("{}"), with("overlay", 5), with("time_ms", -1),
                           with("time_ms", 1e300), with("nodes", 5), with("nodes", {5}), with("nodes", {{{"address", "a"}}}),
                           with("signature", "*"), with("certificate", json()), with("nodes", {{{"address", "a"}, {"port", 65536}}})}) {
    CHECK_MESSAGE(read(text).error() == errc::server_error, text);
  }
}

}  // namespace supernode_list_test
