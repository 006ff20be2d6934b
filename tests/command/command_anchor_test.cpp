#include <doctest.h>

#include <nlohmann/json.hpp>

#include "login_server_commands.hpp"

namespace command_anchor_test {

using namespace phyllo;
using fixture = testing::login_server_commands;
using nlohmann::json;

namespace {

const std::string one = "sha256:" + std::string(64, '1');
const std::string two = "sha256:" + std::string(64, '2');

}  // namespace

TEST_CASE("no anchor is shown before one is pinned, and then the one that the operator has named") {
  fixture f;
  const auto none = f.run({"anchor", "show"});
  CHECK(none.exit_code == 1);
  CHECK(none.err.find("no anchor is pinned yet") != std::string::npos);
  const auto replaced = f.run({"anchor", "replace", one});
  CHECK(replaced.exit_code == 0);
  CHECK(replaced.err.find("from its next start on") != std::string::npos);
  CHECK(f.run({"anchor", "show"}).out == one + "\n");
  CHECK(json::parse(f.run({"anchor", "replace", two, "--json"}).out) == json{{"overlay", "overlay.example.com"}, {"anchors", {two}}});
  const auto shown = json::parse(f.run({"anchor", "show", "--json"}).out);
  CHECK(shown["anchors"] == json::array({two}));
  CHECK(shown["overlay"] == "overlay.example.com");
}

TEST_CASE("what is no fingerprint, or another than the configuration's, is refused, and what was pinned stays") {
  fixture f;
  REQUIRE(f.run({"anchor", "replace", one}).exit_code == 0);
  const auto odd = f.run({"anchor", "replace", "sha256:12"});
  CHECK(odd.exit_code == 2);
  CHECK(odd.err.find("sha256:12: expected sha256: and 64 hex digits") != std::string::npos);
  const auto other = f.run({"anchor", "replace", two, "--set", "bootstrap.ca_fingerprint=" + one});
  CHECK(other.exit_code == 2);
  CHECK(other.err.find("change it first") != std::string::npos);
  CHECK(f.run({"anchor", "show"}).out == one + "\n");
}

}  // namespace command_anchor_test
