#include "sip/server_location.hpp"

#include <doctest.h>

#include <map>

#include "phyllo/transport/errc.hpp"
#include "support/simulated_world.hpp"

namespace server_location_test {

using namespace phyllo;

namespace {

// A zone in memory, and what was asked of it.
class zone final : public transport::resolver {
 public:
  core::awaitable<core::result<std::vector<transport::naptr_record>>> naptr(std::string name) override {
    asked.push_back("NAPTR " + name);
    if (dead) co_return core::fail(transport::errc::timed_out);
    co_return naptrs[name];
  }
  core::awaitable<core::result<std::vector<transport::srv_record>>> srv(std::string name) override {
    asked.push_back("SRV " + name);
    if (dead) co_return core::fail(transport::errc::timed_out);
    co_return srvs[name];
  }
  core::awaitable<core::result<std::vector<asio::ip::address>>> addresses(std::string name) override {
    asked.push_back("A " + name);
    if (dead) co_return core::fail(transport::errc::timed_out);
    co_return hosts[name];
  }
  void stop() override {}

  std::map<std::string, std::vector<transport::naptr_record>> naptrs;
  std::map<std::string, std::vector<transport::srv_record>> srvs;
  std::map<std::string, std::vector<asio::ip::address>> hosts;
  std::vector<std::string> asked;
  bool dead = false;
};

using words = std::vector<std::string>;

struct search {
  testing::simulated_world world;
  zone dns;
  sip::server_location location{world.env(), dns};

  search() {
    host("one.example.com", {"192.0.2.1"});
    host("two.example.com", {"192.0.2.2"});
    host("example.com", {"192.0.2.9"});
  }
  void host(const std::string& name, const words& addresses) {
    for (const auto& a : addresses) dns.hosts[name].push_back(asio::ip::make_address(a));
  }
  // "TLS 192.0.2.1:5061 example.com" of each.
  words find(const std::string& text) {
    words out;
    dns.asked.clear();
    const auto run = [](sip::server_location& l, sip::uri u, words& into) -> core::awaitable<void> {
      const auto found = co_await l.find(std::move(u));
      for (const auto& d : found)
        into.push_back(std::string(name_of(d.by)) + " " + d.at.text() + (d.server_name.empty() ? "" : " " + d.server_name));
    };
    world.run(run(location, sip::uri::parse(text).value(), out));
    return out;
  }
};

}  // namespace

TEST_CASE("an address needs no look-up") {
  search s;
  CHECK(s.find("sip:a@192.0.2.7") == words{"UDP 192.0.2.7:5060"});
  CHECK(s.find("sips:a@[2001:db8::7]") == words{"TLS [2001:db8::7]:5061"});
  CHECK(s.find("sip:a@192.0.2.7:5080;transport=tcp") == words{"TCP 192.0.2.7:5080"});
  CHECK(s.dns.asked.empty());
}

TEST_CASE("NAPTR chooses the transport by order and preference, SRV the server, as in RFC 3263 s.4.1") {
  search s;
  s.dns.naptrs["example.com"] = {{
                                     90,
                                     50,
                                     "s",
                                     "SIP+D2T",
                                     "",
                                 },
                                 {100, 50, "s", "SIP+D2U", "_sip._udp.example.com"},
                                 {50, 50, "s", "SIPS+D2T", "_sips._tcp.example.com"},
                                 {10, 10, "s", "E2U+sip", "x"}};
  s.dns.srvs["_sips._tcp.example.com"] = {{2, 0, 5062, "two.example.com"}, {1, 0, 5061, "one.example.com"}};
  s.dns.srvs["_sip._udp.example.com"] = {{1, 0, 5060, "one.example.com"}};
  CHECK(s.find("sip:a@example.com") == words{"TLS 192.0.2.1:5061 example.com", "TLS 192.0.2.2:5062 example.com", "UDP 192.0.2.1:5060"});
  CHECK(s.find("sips:a@example.com") == words{"TLS 192.0.2.1:5061 example.com", "TLS 192.0.2.2:5062 example.com"});
  CHECK(s.find("sip:a@example.com;transport=udp") == words{"UDP 192.0.2.1:5060"});
}

TEST_CASE("without NAPTR the SRV records of each transport are asked for") {
  search s;
  s.dns.srvs["_sip._tcp.example.com"] = {{1, 0, 5070, "one.example.com"}};
  CHECK(s.find("sip:a@example.com") == words{"TCP 192.0.2.1:5070"});
  CHECK(s.dns.asked == words{"NAPTR example.com", "SRV _sips._tcp.example.com", "SRV _sip._tcp.example.com", "A one.example.com"});
  CHECK(s.find("sips:a@example.com") == words{"TLS 192.0.2.9:5061 example.com"});
}

TEST_CASE("without SRV the host itself is the server: UDP for SIP, TLS for SIPS") {
  search s;
  s.host("example.com", {"2001:db8::9"});
  CHECK(s.find("sip:a@example.com") == words{"UDP 192.0.2.9:5060", "UDP [2001:db8::9]:5060"});
  CHECK(s.find("sip:a@example.com;transport=tcp") == words{"TCP 192.0.2.9:5060", "TCP [2001:db8::9]:5060"});
}

TEST_CASE("a port in the URI asks for addresses only") {
  search s;
  s.dns.srvs["_sip._udp.example.com"] = {{1, 0, 5070, "one.example.com"}};
  CHECK(s.find("sip:a@example.com:5080") == words{"UDP 192.0.2.9:5080"});
  CHECK(s.dns.asked == words{"A example.com"});
}

TEST_CASE("a service that a domain decidedly has not leads nowhere, nor does a dead DNS or a WebSocket") {
  search s;
  for (const auto* prefix : {"_sips._tcp.", "_sip._tcp.", "_sip._udp."}) s.dns.srvs[std::string(prefix) + "example.com"] = {{0, 0, 0, "."}};
  CHECK(s.find("sip:a@example.com").empty());
  CHECK(s.find("sip:a@example.com;transport=ws").empty());
  CHECK(s.find("tel:+1").empty());
  s.dns.dead = true;
  CHECK(s.find("sip:a@one.example.com").empty());
}

TEST_CASE("what a domain's records may cost is bounded") {
  search s;
  for (unsigned i = 0; i < 60; ++i) {
    const auto host = "h" + std::to_string(i) + ".example.com";
    s.dns.srvs["_sips._tcp.example.com"].push_back({1, 1, 5061, host});
    if (i % 2 == 0) s.host(host, {"192.0.2.5"});
  }
  CHECK(s.find("sips:a@example.com").size() <= sip::server_location::destinations_max);
  CHECK(s.dns.asked.size() <= sip::server_location::lookups_max);
}

TEST_CASE("servers of one priority are taken as often as their weights say") {
  search s;
  const std::vector<transport::srv_record> records{{1, 90, 1, "often"}, {1, 10, 1, "seldom"}, {0, 0, 1, "first"}, {2, 0, 1, "last"}};
  int often = 0;
  for (int i = 0; i < 2000; ++i) {
    const auto ordered = sip::in_order(records, s.world.env());
    REQUIRE(ordered.size() == 4);
    CHECK(ordered[0].target == "first");
    CHECK(ordered[3].target == "last");
    often += ordered[1].target == "often" ? 1 : 0;
  }
  CHECK(often > 1700);
  CHECK(often < 1900);
}

}  // namespace server_location_test
