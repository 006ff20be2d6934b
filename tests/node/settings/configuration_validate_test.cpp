#include <doctest.h>

#include "phyllo/node/configuration.hpp"
#include "settings/runnable.hpp"

namespace configuration_validate_test {

using namespace phyllo;
using namespace phyllo::testing;

TEST_CASE("values that can not be run with are refused with what was expected") {
  const rejected table[] = {
      {"scrypt_log2_n = 40\n", "f.toml:8:1: login.scrypt_log2_n: expected a number from 4 to 20, not 40"},
      {"sip_secret = \"none\"\n", "f.toml:8:1: login.sip_secret: expected \"random\" or \"account\", not \"none\""},
      {"url = \"http://x/\"\n", "f.toml:8:1: login.url: expected an https URL, not \"http://x/\""},
      {"bootstrap_nodes = [\"nowhere\"]\n", "f.toml:8:1: login.bootstrap_nodes: expected addresses with ports"},
      {"[ports]\nsip = 6084\n", "f.toml:9:1: ports.sip: expected a port of its own, not 6084 again"},
      {"[ports]\nreload = 0\n", "f.toml:9:1: ports.reload: expected a port, not 0"},
      {"[sip.digest]\npolicy = \"md5\"\n", "f.toml:9:1: sip.digest.policy: expected \"adapt\" or \"require\", not \"md5\""},
      {"[sip]\nexpires_default_s = 10\n", "f.toml:9:1: sip.expires_default_s: expected a number from 60 to 43200, not 10"},
      {"[log]\nlevel = \"loud\"\n", "f.toml:9:1: log.level: expected \"debug\" or \"info\" or \"warning\" or \"error\", not \"loud\""},
      {"[tls]\ncertificate = \"x.pem\"\n",
       "f.toml:1:1: tls.key: expected a PEM file: certificate and key go together (the key is not set)"},
      {"[admin]\naddress = \"localhost\"\n", "f.toml:9:1: admin.address: expected an IP address, not \"localhost\""},
      {"[bootstrap]\nurls = [\"ftp://x\"]\n", "f.toml:9:1: bootstrap.urls: expected https URLs, not \"ftp://x\""},
  };
  for (const auto& r : table) {
    const auto got = error_of(runnable(r.text));
    CHECK_MESSAGE(got.starts_with(r.message), got);
  }
  CHECK(error_of(runnable()) == "");
}

TEST_CASE("a node that is no login server needs a bootstrap server and a password") {
  const auto text = std::string("[node]\naddress = \"127.60.0.1\"\nuser = \"node@example.com\"\n[overlay]\nname = \"o.example.com\"\n");
  CHECK(error_of(text).starts_with("f.toml:1:1: node.password_file: expected the file that holds the account's password"));
  CHECK(error_of(text, {"node.password_file=p"}).starts_with("f.toml:1:1: bootstrap.urls: expected at least one URL"));
  CHECK(error_of(text, {"node.password_file=p", "bootstrap.urls=https://192.0.2.1/.well-known/reload-config"}) == "");
  CHECK(error_of(text, {"node.user=node"})
            .starts_with("--set node.user=node: node.user: expected the node's account, user@domain, not \"node\""));
}

TEST_CASE("an ordinary node starts no overlay, is no login server, and needs no address of its own without SIP") {
  CHECK(error_of(runnable(), {"node.role=ordinary"}).find("login.enabled: expected false") != std::string::npos);
  CHECK(error_of(runnable(), {"node.role=ordinary", "node.first=true"}).find("node.first: expected false") != std::string::npos);
  CHECK(error_of(runnable(), {"node.role=super"}).find("node.role: expected \"supernode\" or \"ordinary\"") != std::string::npos);
  const auto text = std::string("[node]\nrole = \"ordinary\"\nuser = \"node@example.com\"\npassword_file = \"p\"\n") +
                    "[overlay]\nname = \"o.example.com\"\n[bootstrap]\nurls = [\"https://192.0.2.1/\"]\n";
  CHECK(error_of(text).find("node.advertised_address") != std::string::npos);
  CHECK(error_of(text, {"sip.enabled=false"}) == "");
}

TEST_CASE("numbers are good up to their bounds, both included") {
  struct bounds {
    const char* key;
    int least;
    int most;
  };
  for (const auto& b : {bounds{"login.scrypt_log2_n", 4, 20}, bounds{"login.certificate_lifetime_s", 60, 366 * 24 * 3600},
                        bounds{"overlay.replicas", 1, 32}, bounds{"overlay.heartbeat_s", 1, 3600}, bounds{"overlay.digit_bits", 1, 8},
                        bounds{"sip.flow_timer_s", 10, 840}, bounds{"sip.contacts_max", 1, 32}, bounds{"sip.t1_ms", 10, 10'000},
                        bounds{"sip.refusal_delay_ms", 0, 10'000}, bounds{"transport.climb_s", 1, 3600}, bounds{"admin.port", 1, 65535},
                        bounds{"limits.half_open", 16, 1'000'000}, bounds{"limits.held_mib", 1, 65'536}}) {
    CAPTURE(b.key);
    const auto said = [&](int value) { return error_of(runnable(), {std::string(b.key) + "=" + std::to_string(value)}); };
    const auto expected = "a number from " + std::to_string(b.least) + " to " + std::to_string(b.most);
    CHECK(said(b.most).find(expected) == std::string::npos);
    CHECK(said(b.least).find(expected) == std::string::npos);
    CHECK_FALSE(said(b.most + 1).empty());
    if (b.least > 0) CHECK(said(b.least - 1).find(expected) != std::string::npos);
  }
}

TEST_CASE("certificate and key, and what else goes together, are asked for together") {
  CHECK(error_of(runnable(), {"tls.certificate=x.pem"}).find("tls.key") != std::string::npos);
  CHECK(error_of(runnable(), {"tls.key=x.pem"}).find("tls.certificate") != std::string::npos);
  CHECK(error_of(runnable(), {"tls.key=x.pem", "tls.certificate=y.pem"}).empty());
}

}  // namespace configuration_validate_test
