// A node that serves by three shards: SIP, pages and the admin interface, whichever shard a client's address is of.
#include <doctest.h>

#include <asio/ip/udp.hpp>
#include <nlohmann/json.hpp>

#include "ask_admin.hpp"
#include "phyllo/node/account_options.hpp"
#include "phyllo/node/supernode.hpp"
#include "phyllo/transport/host.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace several_shards_test {

using namespace phyllo;
using nlohmann::json;
using namespace std::chrono_literals;

namespace {

constexpr const char* own_address = "127.60.9.1";
constexpr int clients = 12;

node::configuration alone(const testing::temporary_directory& d, unsigned shards) {
  node::configuration c;
  c.node.address = own_address;
  c.node.data_directory = d.file("data");
  c.node.shards = shards;
  c.node.domains = {"example.com"};
  c.node.user = "first@example.com";
  c.node.first = true;
  c.overlay.name = "overlay.example.com";
  c.ports = {16084, 15060, 0, 0, 10443, 0};
  c.discovery.multicast = false;
  c.login.enabled = true;
  c.login.scrypt_log2_n = 4;
  c.admin.address = own_address;
  c.admin.port = 16089;
  std::filesystem::create_directories(c.node.data_directory);
  const auto db = enrollment::accounts::open(c.in_data_directory(c.login.database)).value();
  REQUIRE(db->add(enrollment::prepare_account(c.node.user, "secret", {}, node::account_options_of(c)).value(), true).has_value());
  CHECK(node::validate(c).empty());
  return c;
}

std::string client_address(int i) { return "127.60.9." + std::to_string(101 + i); }

// The status of what is answered to a REGISTER of a user of ours; "": nothing.
core::awaitable<std::string> challenge(core::environment& env, std::string from, std::string user) {
  asio::ip::udp::socket s(env.get_executor(), {asio::ip::make_address(from), 0});
  const auto at = from + ":" + std::to_string(s.local_endpoint().port());
  const auto text = "REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP " + at + ";branch=z9hG4bK" + user +
                    ";rport\r\nFrom: <sip:" + user + "@example.com>;tag=a\r\nTo: <sip:" + user + "@example.com>\r\nCall-ID: " + user + at +
                    "\r\nCSeq: 1 REGISTER\r\nMax-Forwards: 70\r\nContact: <sip:" + user + "@" + at +
                    ">\r\nUser-Agent: " + std::string(400, 'x') + "\r\nContent-Length: 0\r\n\r\n";
  s.send_to(asio::buffer(text), {asio::ip::make_address(own_address), 15060});
  s.non_blocking(true);
  for (int turn = 0; turn < 400; ++turn) {
    std::string answer(2000, '\0');
    asio::ip::udp::endpoint who;
    asio::error_code ec;
    const auto n = s.receive_from(asio::buffer(answer), who, 0, ec);
    if (!ec) co_return answer.substr(0, std::min<std::size_t>(n, 11));
    co_await core::sleep_for(env, 5ms);
  }
  co_return std::string();
}

// The status of a page, by TLS from that address; 0: none came.
core::awaitable<int> page(core::environment& env, std::string from, std::string target) {
  transport::tls_client_options o;
  o.verify = false;
  o.alpn = {"http/1.1"};
  const transport::endpoint to{asio::ip::make_address(own_address), 10443};
  auto s = co_await transport::open_tls_stream(env, asio::ip::make_address(from), to, std::move(o), env.now() + 5s);
  if (!s) co_return 0;
  transport::http_request r;
  r.target = std::move(target);
  const auto answer = co_await transport::request_http(**s, own_address, std::move(r), env.now() + 5s);
  co_return answer ? answer->status : 0;
}

core::awaitable<json> status_of(core::environment& env, const node::supernode& n) {
  const auto answer = co_await testing::ask_admin(env, n.admin_socket(), "/status", nullptr, env.now() + 10s);
  REQUIRE(answer.has_value());
  co_return answer->body;
}

core::awaitable<void> serve(core::environment& env, node::configuration c, std::size_t shards) {
  auto opened = co_await node::supernode::open(env, c, core::logger());
  REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message()));
  auto n = std::move(*opened);
  const auto end = env.now() + 30s;
  while (!n->ready() && env.now() < end) co_await core::sleep_for(env, 20ms);
  REQUIRE(n->ready());
  for (int i = 0; i < clients; ++i) {
    const auto answer = co_await challenge(env, client_address(i), "user" + std::to_string(i));
    CHECK_MESSAGE(answer == "SIP/2.0 401", client_address(i));
    const auto document = co_await page(env, client_address(i), "/.well-known/reload-config");
    CHECK_MESSAGE(document == 200, client_address(i));
    const auto nothing = co_await page(env, client_address(i), "/nothing");
    CHECK(nothing == 404);
  }
  const auto status = co_await status_of(env, *n);
  CHECK(status["shards"].size() == shards);
  co_await n->drain();
  co_await n->stop();
}

}  // namespace

TEST_CASE("clients of all addresses are served by a node of one shard, and by one of several") {
  for (const unsigned shards : {1U, 3U}) {
    const testing::temporary_directory d;
    testing::real_world world;
    world.run(serve(*world.env, alone(d, shards), shards == 1 ? 0 : shards), 120s);
  }
}

}  // namespace several_shards_test
