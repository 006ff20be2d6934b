#include <doctest.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>
#include <string>

#include "phyllo/node/configuration.hpp"
#include "settings/configuration_fields.hpp"
#include "settings/runnable.hpp"

namespace configuration_file_test {

using namespace phyllo;
using namespace phyllo::testing;

namespace {

std::string packaged() {
  std::ifstream in(PHYLLO_SOURCE_ROOT "/packaging/supernode.toml");
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}

// A node of two overlays; `second`: further keys of the second.
std::string of_two(const std::string& second) {
  return "[node]\naddress = \"192.0.2.1\"\nuser = \"node@example.com\"\npassword_file = \"pw\"\n[bootstrap]\nurls = "
         "[\"https://192.0.2.9/\"]\n"
         "[[overlay]]\nname = \"overlay.example.com\"\nleaf_set = 16\n[[overlay]]\n" +
         second;
}

constexpr const char* good_second =
    "name = \"other.example.org\"\nport = 6085\nuser = \"node@example.org\"\nurls = [\"https://192.0.2.8/\"]\n";

}  // namespace

TEST_CASE("the packaged file holds every key and no other, and says the defaults") {
  const auto text = packaged();
  const auto c = node::parse_keys(text, "supernode.toml");
  REQUIRE_MESSAGE(c.has_value(), (c ? "" : c.error().message()));
  node::configuration defaults;
  std::vector<std::string> differing;
  auto read = *c;
  node::for_each_field(defaults, [&]<class T>(const char* key, T& value) {
    node::for_each_field(read, [&]<class U>(const char* other, U& got) {
      if constexpr (std::is_same_v<T, U>) {
        if (std::string_view(key) == other && !(value == got)) differing.emplace_back(key);
      }
    });
  });
  CHECK(differing.empty());
  for (const auto& key : node::configuration_keys()) {
    const auto dot = key.rfind('.');
    const auto section = text.find("[" + key.substr(0, dot) + "]\n");
    REQUIRE_MESSAGE(section != std::string::npos, key);
    const auto end = std::min(text.find("\n[", section), text.size());
    const auto at = text.find("\n" + key.substr(dot + 1) + " = ", section);
    CHECK_MESSAGE(at < end, key);
  }
}

TEST_CASE("every key of an example within the packaged file's comments is one") {
  std::istringstream lines(packaged());
  const auto known = node::configuration_keys();
  std::string section;
  std::size_t examples = 0;
  for (std::string line; std::getline(lines, line);) {
    const auto head = line.starts_with("#   [[") ? line.find('[') + 1 : line.starts_with('[') ? 0 : std::string::npos;
    if (head != std::string::npos) section = line.substr(head + 1, line.find(']') - head - 1);
    const auto equals = line.find(" = ");
    if (!line.starts_with("#   ") || equals == std::string::npos) continue;
    const auto key = section + "." + line.substr(4, equals - 4);
    CHECK_MESSAGE(std::ranges::binary_search(known, key), key);
    ++examples;
  }
  CHECK(examples > 0);
}

TEST_CASE("the packaged file can not be run before its operator has filled it in, and says what is missing") {
  CHECK(error_of(packaged()).find("node.advertised_address: expected the IP address that others dial") != std::string::npos);
}

TEST_CASE("every key takes its value") {
  const auto c = node::parse_configuration(runnable("sip_secret = \"account\"\n[sip.digest]\npolicy = \"require\"\n[sip]\nt1_ms = 250\n"
                                                    "source_messages_per_second = 100\n[transport]\nclimb_s = 20\n"),
                                           "f.toml");
  REQUIRE_MESSAGE(c.has_value(), (c ? "" : c.error().message()));
  CHECK(c->node.address == "127.60.0.1");
  CHECK(c->login.sip_secret == "account");
  CHECK(c->sip.digest.policy == "require");
  CHECK(c->sip.transactions.t1 == std::chrono::milliseconds(250));
  CHECK(c->sip.rates.source_messages_per_second == 100);
  CHECK(c->transport.climb_first == std::chrono::seconds(20));
  CHECK(c->ports.reload == 6084);
}

TEST_CASE("a wrong configuration names file, line, column, key and what was expected") {
  const rejected table[] = {
      {"nod = 1\n", "f.toml:1:1: nod: unknown key; the nearest is node.role"},
      {"[login]\nscrypt_log2 = 10\n", "f.toml:2:1: login.scrypt_log2: unknown key; the nearest is login.scrypt_log2_n"},
      {"[overlay]\nname = 5\n", "f.toml:2:1: overlay.name: expected a string in quotes, not 5"},
      {"[ports]\n  reload = 70000\n", "f.toml:2:3: ports.reload: expected a number from 0 to 65535, not 70000"},
      {"[ports]\nreload = -1\n", "f.toml:2:1: ports.reload: expected a number from 0 to 65535, not -1"},
      {"[node]\nfirst = \"yes\"\n", "f.toml:2:1: node.first: expected true or false, not \"yes\""},
      {"[node]\ndomains = \"example.com\"\n", "f.toml:2:1: node.domains: expected a list of strings in brackets, not \"example.com\""},
      {"[sip]\nt1_ms = 0.5\n", "f.toml:2:1: sip.t1_ms: expected a number of milliseconds, not 0.5"},
      {"[overlay]\nheartbeat_s = \"30s\"\n", "f.toml:2:1: overlay.heartbeat_s: expected a number of seconds, not \"30s\""},
      {"[transport]\nclimb_s = \"15s\"\n", "f.toml:2:1: transport.climb_s: expected a number of seconds, not \"15s\""},
      {"[limits]\nhandshakes_per_second = 0.5\n", "f.toml:2:1: limits.handshakes_per_second: expected a whole number, 0 or more, not 0.5"},
      {"[sip]\nsource_messages_burst = 4294967296\n",
       "f.toml:2:1: sip.source_messages_burst: expected a whole number, 0 or more, not 4294967296"},
      {"node = 3\n", "f.toml:1:1: node: unknown key; the nearest is node.role"},
      {"[node.address]\nx = 1\n", "f.toml:1:7: node.address: expected a string in quotes, not a table"},
      {"[node]\naddress = \n", "f.toml:2:"},
  };
  for (const auto& r : table) {
    const auto got = error_of(r.text);
    CHECK_MESSAGE(got.starts_with(r.message), got);
  }
}

TEST_CASE("a command line's KEY=VALUE passes the same checks") {
  const auto c = node::parse_configuration(
      runnable(), "f.toml",
      {"login.scrypt_log2_n=10", "sip.stranger_methods=INVITE,MESSAGE", "node.domains=[\"a.example\", \"b.example\"]",
       "overlay.name=\"x.example\"", "node.first=true", "log.file=x=y.log"});
  REQUIRE_MESSAGE(c.has_value(), (c ? "" : c.error().message()));
  CHECK(c->login.scrypt_log2_n == 10);
  CHECK(c->sip.stranger.methods == std::vector<std::string>{"INVITE", "MESSAGE"});
  CHECK(c->node.domains == std::vector<std::string>{"a.example", "b.example"});
  CHECK(c->overlay.name == "x.example");
  CHECK(c->node.first);
  CHECK(c->log.file == "x=y.log");
  CHECK(error_of(runnable(), {"login.scrypt_log2_n=ten"}).find("login.scrypt_log2_n: expected a whole number, 0 or more, not \"ten\"") !=
        std::string::npos);
  CHECK(error_of(runnable(), {"overlay.nam=x"}).find("unknown key; the nearest is overlay.name") != std::string::npos);
  CHECK(error_of(runnable(), {"overlay.name"}).find("expected KEY=VALUE") != std::string::npos);
  CHECK(error_of(runnable(), {"login.scrypt_log2_n=99"})
            .starts_with("--set login.scrypt_log2_n=99: login.scrypt_log2_n: expected a number from 4 to 20"));
}

TEST_CASE("a file that can not be read says how to name another") {
  const auto c = node::read_configuration("/nonexistent/supernode.toml");
  REQUIRE_FALSE(c.has_value());
  CHECK(c.error() == node::errc::configuration);
  CHECK(c.error().message().find("--config FILE") != std::string::npos);
}

TEST_CASE("of several overlays each has what its section says, and the first what the node's sections say") {
  const auto c = node::parse_configuration(of_two(good_second), "f.toml");
  REQUIRE_MESSAGE(c.has_value(), (c ? "" : c.error().message()));
  REQUIRE(c->overlays() == 2);
  const auto first = c->of_overlay(0);
  CHECK(first.overlay.name == "overlay.example.com");
  CHECK(first.overlay.leaf_set == 16);
  CHECK(first.ports.reload == 6084);
  CHECK(first.node.user == "node@example.com");
  CHECK(first.sip.enabled);
  const auto second = c->of_overlay(1);
  CHECK(second.overlay.name == "other.example.org");
  CHECK(second.overlay.leaf_set == 32);
  CHECK(second.ports.reload == 6085);
  CHECK(second.ports.https == 0);
  CHECK(second.node.user == "node@example.org");
  CHECK(second.node.password_file == "pw");
  CHECK(second.bootstrap.urls == std::vector<std::string>{"https://192.0.2.8/"});
  CHECK(second.in_data_directory("records") == "/var/lib/phyllo/other.example.org/records");
  CHECK_FALSE(second.sip.enabled);
}

TEST_CASE("one [[overlay]] is the same as [overlay], and its own keys go before the node's") {
  auto text = runnable("");
  const auto plain = node::parse_configuration(text, "f.toml").value();
  text.replace(text.find("[overlay]"), 9, "[[overlay]]");
  const auto listed = node::parse_configuration(text, "f.toml");
  REQUIRE_MESSAGE(listed.has_value(), (listed ? "" : listed.error().message()));
  CHECK(listed->overlays() == 1);
  CHECK(listed->overlay.name == plain.overlay.name);
  const auto own = node::parse_configuration(text, "f.toml", {"overlay.port=7000"});
  REQUIRE(own.has_value());
  CHECK(own->of_overlay(0).ports.reload == 7000);
}

TEST_CASE("an error in one of several overlays names the line and column of that one") {
  const std::vector<std::pair<std::string, std::string>> cases{
      {"name = \"other.example.org\"\nleafset = 4\n", "f.toml:12:1: overlay.leafset: unknown key; the nearest is overlay.leaf_set"},
      {"name = 5\n", "f.toml:11:1: overlay.name: expected a string in quotes, not 5"},
      {std::string(good_second) + "leaf_set = 7\n", "f.toml:15:1: overlay.leaf_set: expected an even number, not 7"},
      {std::string(good_second) + "replicas = 99\n", "f.toml:15:1: overlay.replicas: expected a number from 1 to 32, not 99"},
      {"name = \"other.example.org\"\nport = 6085\n",
       "f.toml:10:1: overlay.urls: expected at least one URL of a bootstrap server (the key is not set)"},
      {"name = \"other.example.org\"\nurls = [\"https://192.0.2.8/\"]\n",
       "f.toml:10:1: overlay.port: expected a port, not 0: the overlay needs it (the key is not set)"},
      {"name = \"other.example.org\"\nport = 5060\nurls = [\"https://192.0.2.8/\"]\n",
       "f.toml:12:1: overlay.port: expected a port of its own, not 5060 again"},
      {"name = \"overlay.example.com\"\nport = 6085\nurls = [\"https://192.0.2.8/\"]\n",
       "f.toml:11:1: overlay.name: expected a name of its own, not \"overlay.example.com\" again"},
      {"name = \"other.example.org\"\nport = 6085\nurls = [\"https://192.0.2.8/\"]\nuser = \"nobody\"\n",
       "f.toml:14:1: overlay.user: expected the node's account, user@domain, not \"nobody\""}};
  for (const auto& [second, message] : cases) {
    const auto c = node::parse_configuration(of_two(second), "f.toml");
    REQUIRE_FALSE_MESSAGE(c.has_value(), message);
    CHECK_MESSAGE(c.error().message().find(message) != std::string::npos, c.error().message());
  }
}

}  // namespace configuration_file_test
