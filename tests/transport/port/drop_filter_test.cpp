#include "transport/port/drop_filter.hpp"

#include <doctest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <vector>

namespace drop_filter_test {

using namespace phyllo::transport;

namespace {

constexpr std::array<std::string_view, 6> beginnings_of_rule{"INVITE", "REGISTER", "OPTIONS", "MESSAGE", "SUBSCRIBE", "PUBLISH"};
constexpr drop_rule rule{.beginnings = beginnings_of_rule, .mark = "Authorization"};

// A socket on loopback that sends to itself.
struct mirror {
  int fd = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK, 0);
  mirror() {
    sockaddr_in own{};
    own.sin_family = AF_INET;
    own.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof own;
    REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&own), size) == 0);
    REQUIRE(::getsockname(fd, reinterpret_cast<sockaddr*>(&own), &size) == 0);
    REQUIRE(::connect(fd, reinterpret_cast<sockaddr*>(&own), size) == 0);
  }
  ~mirror() { ::close(fd); }
  mirror(const mirror&) = delete;
  mirror& operator=(const mirror&) = delete;

  bool passes(const std::string& datagram) const {
    REQUIRE(::send(fd, datagram.data(), datagram.size(), 0) == static_cast<ssize_t>(datagram.size()));
    std::array<char, 2048> got{};
    return ::recv(fd, got.data(), got.size(), 0) >= 0;
  }
};

const std::vector<std::string> beginnings{"INVITE sip:a@b SIP/2.0\r\n",  "REGISTER sip:b SIP/2.0\r\n",    "OPTIONS sip:b SIP/2.0\r\n",
                                          "MESSAGE sip:a@b SIP/2.0\r\n", "SUBSCRIBE sip:a@b SIP/2.0\r\n", "PUBLISH sip:a@b SIP/2.0\r\n"};
const std::vector<std::string> others{"ACK sip:a@b SIP/2.0\r\n",
                                      "BYE sip:a@b SIP/2.0\r\n",
                                      "CANCEL sip:a@b SIP/2.0\r\n",
                                      "SIP/2.0 200 OK\r\n",
                                      "\r\n",
                                      "\r\n\r\n",
                                      "x",
                                      std::string("\0\1\0\0", 4),
                                      "\x16\xfe\xfd",
                                      "invite sip:a@b SIP/2.0"};

// One with the mark so far in.
std::string with_mark(const std::string& beginning, std::size_t at) {
  std::string out = beginning;
  while (out.size() + 3 < at) out += out.size() + 60 < at ? "X-Filler: of fifty octets, which say nothing at all..\r\n" : "X";
  return out +
         "\r\nAuthorization: Digest username=\"alice\", realm=\"example.com\", nonce=\"0123456789abcdef\"\r\nContent-Length: 0\r\n\r\n";
}

}  // namespace

TEST_CASE("what begins as the rule says is dropped, all else passes, and the kernel tells how many it dropped") {
  const mirror m;
  drop_datagrams(m.fd, rule, {1, 1});
  for (const auto& d : beginnings) {
    CAPTURE(d);
    CHECK_FALSE(m.passes(d));
  }
  for (const auto& d : others) {
    CAPTURE(d);
    CHECK(m.passes(d));
  }
  CHECK(load_of(m.fd).dropped == beginnings.size());
}

TEST_CASE("a share is dropped at random, and nothing once the filter is off") {
  const mirror m;
  drop_datagrams(m.fd, rule, {1, 1});
  drop_datagrams(m.fd, rule, {0.25, 1});
  int passed = 0;
  for (int i = 0; i < 4000; ++i) passed += m.passes(beginnings[0]) ? 1 : 0;
  CHECK(passed > 2850);
  CHECK(passed < 3150);
  drop_datagrams(m.fd, rule, {});
  for (const auto& d : beginnings) CHECK(m.passes(d));
}

TEST_CASE("the mark is seen wherever it stands, and what bears it has a share of its own") {
  const mirror m;
  drop_datagrams(m.fd, rule, {1, 0});
  for (std::size_t at = 30; at < 900; ++at) {
    CAPTURE(at);
    CHECK(m.passes(with_mark(beginnings[1], at)));
  }
  CHECK(m.passes(beginnings[0] +
                 "Via: SIP/2.0/UDP 192.0.2.1\r\nRoute: <sip:Authorization-AQEK7gAb@192.0.2.2:5060;lr>\r\nTo: <sip:a@b>;tag=1\r\n" +
                 std::string(100, ' ')));
  std::string without = with_mark(beginnings[0], 700);
  without.replace(without.find("Authorization"), 13, "Subscription:");
  CHECK_FALSE(m.passes(without));
  CHECK_FALSE(m.passes(beginnings[0] + std::string(1300, 'x')));
  drop_datagrams(m.fd, rule, {0, 1});
  CHECK_FALSE(m.passes(with_mark(beginnings[1], 300)));
  CHECK(m.passes(without));
  drop_datagrams(m.fd, rule, {1, 0.5});
  int passed = 0;
  for (int i = 0; i < 2000; ++i) passed += m.passes(with_mark(beginnings[1], 500)) ? 1 : 0;
  CHECK(passed > 850);
  CHECK(passed < 1150);
}

}  // namespace drop_filter_test
