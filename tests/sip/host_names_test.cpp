#include "sip/host_names.hpp"

#include <doctest.h>

#include <map>
#include <vector>

#include "phyllo/transport/errc.hpp"
#include "support/simulated_world.hpp"

namespace host_names_test {

using namespace phyllo;
using namespace std::chrono_literals;

namespace {

class zone final : public transport::resolver {
 public:
  core::awaitable<core::result<std::vector<transport::naptr_record>>> naptr(std::string) override {
    co_return std::vector<transport::naptr_record>();
  }
  core::awaitable<core::result<std::vector<transport::srv_record>>> srv(std::string) override {
    co_return std::vector<transport::srv_record>();
  }
  core::awaitable<core::result<std::vector<asio::ip::address>>> addresses(std::string name) override {
    ++asked;
    if (dead) co_return core::fail(transport::errc::timed_out);
    std::vector<asio::ip::address> out;
    if (hosts.contains(name)) out.push_back(asio::ip::make_address(hosts[name]));
    co_return out;
  }
  void stop() override {}

  std::map<std::string, std::string> hosts{{"node1.example.com", "192.0.2.1"}, {"sip.example.net", "203.0.113.9"}};
  unsigned asked = 0;
  bool dead = false;
};

struct book {
  testing::simulated_world world;
  zone dns;
  sip::host_names names{world.env(), dns, [](const asio::ip::address& a) { return a.to_string() == "192.0.2.1"; }};

  bool find(const std::string& name) {
    bool found = false;
    world.run(found_into(name, found));
    return found;
  }
  core::awaitable<void> found_into(std::string name, bool& found) { found = co_await names.find(std::move(name)); }
  ~book() { world.run(names.stop()); }
};

}  // namespace

TEST_CASE("a name is a node's where DNS gives a node's address for it, and nobody else's") {
  book b;
  CHECK_FALSE(b.names.known("node1.example.com"));
  CHECK(b.find("node1.example.com"));
  CHECK(b.names.known("node1.example.com"));
  CHECK_FALSE(b.find("sip.example.net"));
  CHECK_FALSE(b.names.known("sip.example.net"));
  CHECK_FALSE(b.find("none.example.com"));
}

TEST_CASE("a name that is in use is asked for again before it ends, and one that has moved away is a node's no more") {
  book b;
  CHECK(b.find("node1.example.com"));
  for (int i = 0; i < 10; ++i) {
    b.world.run_for(15min);
    CHECK(b.names.known("node1.example.com"));
    b.world.run_for(1s);
  }
  CHECK(b.dns.asked >= 4);
  b.dns.hosts["node1.example.com"] = "203.0.113.9";
  b.world.run_for(30min);
  (void)b.names.known("node1.example.com");
  b.world.run_for(1s);
  CHECK_FALSE(b.names.known("node1.example.com"));
}

TEST_CASE("while DNS is silent a name is good for an hour, and no longer") {
  book b;
  CHECK(b.find("node1.example.com"));
  b.dns.dead = true;
  b.world.run_for(50min);
  CHECK(b.names.known("node1.example.com"));
  b.world.run_for(10min);
  CHECK_FALSE(b.names.known("node1.example.com"));
}

}  // namespace host_names_test
