#include "phyllo/node/trace_target.hpp"

#include <doctest.h>

namespace trace_target_test {

using namespace phyllo;

TEST_CASE("a trace's target is a name or 32 hex digits, and nothing else") {
  const identity::node_id there{.octets = {2}};
  CHECK(node::trace_target::parse("note:alice@example.com").value().key == overlay::name::parse("note:alice@example.com").value().key());
  const auto key = node::trace_target::parse(there.hex());
  REQUIRE(key.has_value());
  CHECK(key->key == there);
  const auto wrong = node::trace_target::parse("02");
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error() == node::errc::usage);
  CHECK(wrong.error().message().find("expected [type:]user@domain, or a key of 32 hex digits, not \"02\"") != std::string::npos);
}

}  // namespace trace_target_test
