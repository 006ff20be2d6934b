#include "admin/node_gauges.hpp"

#include <doctest.h>

namespace node_gauges_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

bool says(const core::metrics& m, const std::string& line) { return m.text().find("\n" + line + "\n") != std::string::npos; }

}  // namespace

TEST_CASE("the gauges are there at zero, and follow the node's state") {
  core::metrics m;
  node::node_gauges g(m);
  for (const auto* name : {"phyllo_ready 0", "phyllo_sip_bindings 0", "phyllo_sip_calls 0"}) CHECK(says(m, name));
  node::node_status s;
  s.state = node::node_state::ready;
  s.sip.bindings = 3;
  s.sip.calls = 2;
  g.set(s);
  for (const auto* name : {"phyllo_ready 1", "phyllo_sip_bindings 3", "phyllo_sip_calls 2"}) CHECK(says(m, name));
  s.state = node::node_state::degraded;
  g.set(s);
  CHECK(says(m, "phyllo_ready 0"));
}

TEST_CASE("what is left of a certificate is in seconds, and negative once it has ended") {
  core::metrics m;
  node::node_gauges g(m);
  const auto now = core::from_unix_milliseconds(1'767'225'600'000);
  g.set({{"web", now + 90s}, {"signer", now - 5s}}, now);
  CHECK(says(m, "phyllo_certificate_expires_seconds{certificate=\"web\"} 90"));
  CHECK(says(m, "phyllo_certificate_expires_seconds{certificate=\"signer\"} -5"));
}

}  // namespace node_gauges_test
