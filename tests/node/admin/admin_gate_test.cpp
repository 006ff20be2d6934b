#include "admin/admin_gate.hpp"

#include <doctest.h>

namespace admin_gate_test {

using namespace phyllo;

namespace {

constexpr const char* token = "0123456789abcdef0123456789abcdef";

transport::http_request request(const std::string& method, const std::string& host, const std::string& at = "127.0.0.1") {
  transport::http_request r;
  r.method = method;
  r.headers["host"] = host;
  r.local = {asio::ip::make_address(at), 6089};
  return r;
}

int status_of(const node::admin_gate& g, const transport::http_request& r) {
  const auto refused = g.refuse(r);
  return refused ? refused->status : 200;
}

node::admin_gate network() { return node::admin_gate::of_network(token, {"Node1.example.com"}, "/var/lib/phyllo/admin.sock"); }

}  // namespace

TEST_CASE("whoever came by the socket may do all, whatever the Host") {
  const auto g = node::admin_gate::of_socket();
  CHECK(status_of(g, request("POST", "localhost")) == 200);
  CHECK(status_of(g, request("GET", "anything")) == 200);
}

TEST_CASE("pages are served by TCP for the listener's own address and its configured names") {
  for (const auto* host :
       {"127.0.0.1:6089", "localhost:6089", "LocalHost:6089", "node1.example.com", "node1.EXAMPLE.com:6089", "node1.example.com:80"})
    CHECK_MESSAGE(status_of(network(), request("GET", host)) == 200, host);
  CHECK(status_of(network(), request("HEAD", "127.0.0.1:6089")) == 200);
  CHECK(status_of(network(), request("GET", "[fd00::7]:6089", "fd00::7")) == 200);
}

TEST_CASE("a name that was made to resolve to the listener is refused, and so is every other Host") {
  for (const auto* host : {"attacker.example", "attacker.example:6089", "127.0.0.2:6089", "127.0.0.1", "127.0.0.1:80", "127.0.0.1:",
                           "127.0.0.1:x", "127.0.0.1:6089x", "localhost.attacker.example:6089", "node1.example.com.attacker.example", "",
                           ":", "]", "[", "[]:6089", "[127.0.0.1]x:6089", "127.1:6089", "0x7f000001:6089", "0.0.0.0:6089"}) {
    CHECK_MESSAGE(status_of(network(), request("GET", host)) == 403, host);
  }
  CHECK_MESSAGE(status_of(network(), request("GET", "localhost:6089", "192.0.2.1")) == 403, "localhost is no name of a public address");
  auto none = request("GET", "");
  none.headers.clear();
  CHECK(status_of(network(), none) == 403);
}

TEST_CASE("a page of another site is refused by its Origin, also with the token") {
  auto r = request("GET", "127.0.0.1:6089");
  r.headers["origin"] = "http://127.0.0.1:6089";
  CHECK(status_of(network(), r) == 403);
  r.method = "POST";
  r.headers["authorization"] = std::string("Bearer ") + token;
  CHECK(status_of(network(), r) == 403);
}

TEST_CASE("commands by TCP need the token, in whole") {
  auto r = request("POST", "127.0.0.1:6089");
  CHECK(status_of(network(), r) == 401);
  const std::string good = token;
  for (const auto& wrong : {std::string(), std::string("Bearer"), std::string("Bearer "), "Basic " + good, "Bearer " + good.substr(1),
                            "Bearer " + good + "0", "Bearer 1" + good.substr(1), good, "Bearer  " + good}) {
    r.headers["authorization"] = wrong;
    CHECK_MESSAGE(status_of(network(), r) == 401, wrong);
  }
  r.headers["authorization"] = "Bearer " + good;
  CHECK(status_of(network(), r) == 200);
  r.headers["authorization"] = "bearer " + good;
  CHECK(status_of(network(), r) == 200);
  r.headers["host"] = "attacker.example";
  CHECK(status_of(network(), r) == 403);
}

TEST_CASE("without a token no command is taken by TCP, and the refusal says where commands go") {
  const auto g = node::admin_gate::of_network({}, {}, "/var/lib/phyllo/admin.sock");
  auto r = request("POST", "127.0.0.1:6089");
  for (const auto* given : {"", "Bearer ", "Bearer x"}) {
    r.headers["authorization"] = given;
    CHECK(status_of(g, r) == 401);
  }
  CHECK(g.refuse(r)->message.find("/var/lib/phyllo/admin.sock") != std::string::npos);
}

}  // namespace admin_gate_test
