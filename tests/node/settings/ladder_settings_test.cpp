#include "settings/ladder_settings.hpp"

#include <doctest.h>

#include <cstdlib>
#include <map>

#include "support/temporary_directory.hpp"

namespace ladder_settings_test {

using namespace phyllo;
using texts = std::vector<std::string>;

namespace {

using variables = std::map<std::string, std::string>;

// The environment's proxies are what a test says, and afterwards what they were.
class proxy_environment {
 public:
  explicit proxy_environment(const variables& set) {
    for (const auto* name : {"https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"}) {
      const char* now = std::getenv(name);
      if (now != nullptr) before_[name] = now;
      ::unsetenv(name);
    }
    for (const auto& [name, value] : set) ::setenv(name.c_str(), value.c_str(), 1);
  }
  ~proxy_environment() {
    for (const auto* name : {"https_proxy", "HTTPS_PROXY", "no_proxy", "NO_PROXY"}) ::unsetenv(name);
    for (const auto& [name, value] : before_) ::setenv(name.c_str(), value.c_str(), 1);
  }
  proxy_environment(const proxy_environment&) = delete;
  proxy_environment& operator=(const proxy_environment&) = delete;

 private:
  std::map<std::string, std::string> before_;
};

}  // namespace

TEST_CASE("the configuration's proxy goes before the environment's, and none switches both off") {
  const proxy_environment e(variables{{"https_proxy", "http://env.example:3128"}});
  node::configuration c;
  CHECK(node::ladder_options_of(c).proxy->host == "env.example");
  c.transport.proxy = "http://own.example:8080";
  CHECK(node::ladder_options_of(c).proxy->host == "own.example");
  CHECK(node::ladder_options_of(c).proxy->port == 8080);
  c.transport.proxy = "none";
  CHECK_FALSE(node::ladder_options_of(c).proxy);
}

TEST_CASE("the environment's variables are read in lower case first, then in upper case; one that is none is left out") {
  const node::configuration c;
  {
    const proxy_environment e(variables{{"HTTPS_PROXY", "http://upper.example:1"}, {"https_proxy", "http://lower.example:1"}});
    CHECK(node::ladder_options_of(c).proxy->host == "lower.example");
  }
  {
    const proxy_environment e(variables{{"HTTPS_PROXY", "http://upper.example:1"}});
    CHECK(node::ladder_options_of(c).proxy->host == "upper.example");
  }
  {
    const proxy_environment e(variables{{"https_proxy", "http://:x"}});
    CHECK_FALSE(node::ladder_options_of(c).proxy);
  }
  const proxy_environment e(variables{});
  CHECK_FALSE(node::ladder_options_of(c).proxy);
}

TEST_CASE("addresses without a proxy are the environment's and the configuration's") {
  const proxy_environment e(variables{{"https_proxy", "http://p.example:1"}, {"no_proxy", "192.0.2.1, 192.0.2.2,,"}});
  node::configuration c;
  c.transport.no_proxy = {"192.0.2.3"};
  CHECK(node::ladder_options_of(c).proxy->exempt == texts{"192.0.2.1", "192.0.2.2", "192.0.2.3"});
}

TEST_CASE("the pauses between climbs grow to twenty times the first") {
  const proxy_environment e(variables{});
  node::configuration c;
  c.transport.climb_first = std::chrono::seconds(3);
  c.transport.https = 8443;
  CHECK(node::ladder_options_of(c).climb_most == std::chrono::minutes(1));
  CHECK(node::ladder_options_of(c).https == 8443);
}

TEST_CASE("which rung won is kept in the data directory, and nothing is where nothing was kept") {
  const testing::temporary_directory d;
  node::configuration c;
  c.node.data_directory = d.path();
  CHECK_FALSE(node::load_rungs(c).winner("net"));
  transport::rung_memory m;
  m.note("net", transport::rung::proxy_https, core::from_unix_milliseconds(1'767'225'600'000));
  REQUIRE(node::save_rungs(c, m));
  CHECK(node::load_rungs(c).winner("net") == transport::rung::proxy_https);
  d.write("rungs", "noise\n");
  CHECK_FALSE(node::load_rungs(c).winner("net"));
}

}  // namespace ladder_settings_test
