#include "settings/configuration_ranges.hpp"

#include <doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "settings/runnable.hpp"

namespace configuration_ranges_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

node::range range_of(const node::configuration& c, const std::string& key) {
  const auto all = node::ranges_of(c);
  const auto at = std::ranges::find_if(all, [&](const node::range& r) { return r.key == key; });
  REQUIRE_MESSAGE(at != all.end(), key);
  return *at;
}

}  // namespace

TEST_CASE("what nobody has set is within its bounds, and each number has one range") {
  const auto c = node::parse_configuration(testing::runnable(), "f.toml", {});
  REQUIRE(c.has_value());
  std::set<std::string> keys;
  for (const auto& r : node::ranges_of(*c)) {
    CAPTURE(r.key);
    CHECK(r.least <= r.value);
    CHECK(r.value <= r.most);
    CHECK(keys.insert(r.key).second);
    CHECK(std::string(r.key).find('.') != std::string::npos);
  }
}

TEST_CASE("what is out of range shows in the unit that its key names") {
  node::configuration c;
  c.overlay.replicas = node::replicas_max + 1;
  c.overlay.heartbeat = 90s;
  c.sip.transactions.t1 = 5ms;
  c.sip.rates.source_messages_per_second = 0.5;
  c.login.certificate_lifetime = 59s;
  CHECK(range_of(c, "overlay.replicas").value > range_of(c, "overlay.replicas").most);
  CHECK(range_of(c, "overlay.heartbeat_s").value == 90);
  CHECK(range_of(c, "sip.t1_ms").value == 5);
  CHECK(range_of(c, "sip.t1_ms").value < range_of(c, "sip.t1_ms").least);
  CHECK(range_of(c, "sip.source_messages_per_second").value < range_of(c, "sip.source_messages_per_second").least);
  CHECK(range_of(c, "login.certificate_lifetime_s").value < range_of(c, "login.certificate_lifetime_s").least);
}

TEST_CASE("a registration lasts by default as long as a phone may ask for, and one by a flow no shorter than that") {
  node::configuration c;
  c.sip.registration.expires_min = 100s;
  c.sip.registration.expires_max = 7200s;
  CHECK(range_of(c, "sip.expires_default_s").least == 100);
  CHECK(range_of(c, "sip.expires_default_s").most == 7200);
  CHECK(range_of(c, "sip.expires_flow_s").least == 100);
}

}  // namespace configuration_ranges_test
