// One node in this process, alone in its overlay, on high ports of an address of the tests'.
#include "phyllo/node/supernode.hpp"

#include <doctest.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>
#include <sstream>

#include "ask_admin.hpp"
#include "phyllo/disk/errc.hpp"
#include "phyllo/node/account_options.hpp"
#include "phyllo/transport/host.hpp"
#include "phyllo/transport/http.hpp"
#include "phyllo/transport/listener.hpp"
#include "support/run.hpp"
#include "support/temporary_directory.hpp"

namespace supernode_test {

using namespace phyllo;
using nlohmann::json;

namespace {

node::configuration alone(const testing::temporary_directory& d, const std::string& address) {
  node::configuration c;
  c.node.address = address;
  c.node.user = "node1@example.com";
  c.node.device = "one";
  c.node.first = true;
  c.node.domains = {"example.com"};
  c.node.data_directory = d.file("data");
  c.ports = {16084, 15060, 15061, 13478, 10443, 10080};
  c.overlay.name = "overlay.example.com";
  c.login.enabled = true;
  c.login.scrypt_log2_n = 4;
  c.admin.address = address;
  c.admin.port = 16089;
  c.debug.overlay_pcap = "overlay.pcap";
  return c;
}

void add_account(const node::configuration& c, const std::string& user, const std::string& password, std::vector<std::string> domains) {
  std::filesystem::create_directories(c.node.data_directory);
  const auto db = enrollment::accounts::open(c.in_data_directory(c.login.database)).value();
  const auto a = enrollment::prepare_account(user, password, std::move(domains), node::account_options_of(c)).value();
  REQUIRE(db->add(a, true).has_value());
}

core::awaitable<json> ask(core::environment& env, const node::supernode& n, std::string target, json body, int status) {
  const auto answer =
      co_await testing::ask_admin(env, n.admin_socket(), std::move(target), std::move(body), env.now() + std::chrono::seconds(10));
  REQUIRE_MESSAGE(answer.has_value(), (answer ? "" : answer.error().message()));
  CHECK(answer->status == status);
  co_return answer->body;
}

core::awaitable<std::string> page(core::environment& env, const node::supernode& n, std::string target) {
  const asio::ip::address any;
  auto s = co_await transport::open_tcp_stream(env, any, n.admin(), env.now() + std::chrono::seconds(5));
  REQUIRE(s.has_value());
  transport::http_request r;
  r.target = std::move(target);
  const auto answer = co_await transport::request_http(**s, n.admin().text(), std::move(r), env.now() + std::chrono::seconds(5));
  REQUIRE(answer.has_value());
  co_return answer->body;
}

// "NAME TYPE label,label" of each metric that the page has; the bounds of a histogram are no label of it.
std::set<std::string> families_of(const std::string& metrics) {
  std::map<std::string, std::string> types;
  std::map<std::string, std::set<std::string>> labels;
  std::istringstream lines(metrics);
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("# TYPE ")) {
      std::istringstream words(line.substr(7));
      std::string name;
      words >> name >> types[name];
    }
    if (line.starts_with('#')) continue;
    const auto name = line.substr(0, line.find_first_of("{ "));
    const std::regex label("([a-z_]+)=\"");
    for (std::sregex_iterator at(line.begin(), line.end(), label), end; at != end; ++at) labels[name].insert((*at)[1]);
  }
  std::set<std::string> out;
  for (const auto& [name, type] : types) out.insert(name + " " + type + " " + fmt::format("{}", fmt::join(labels[name], ",")));
  return out;
}

// The same of the tables of docs/metrics.md.
std::set<std::string> families_documented() {
  std::set<std::string> out;
  std::ifstream in(PHYLLO_SOURCE_ROOT "/docs/metrics.md");
  REQUIRE(in);
  const std::regex row("\\| `([a-z_]+)` \\| ([a-z]+) \\| ([a-z_`, ]*)\\|.*");
  for (std::string line; std::getline(in, line);) {
    std::smatch found;
    if (!line.starts_with("| `")) continue;
    REQUIRE_MESSAGE(std::regex_match(line, found, row), line);
    const auto given = found[3].str();
    const std::regex label("[a-z_]+");
    const std::set<std::string> labels(std::sregex_token_iterator(given.begin(), given.end(), label), std::sregex_token_iterator());
    out.insert(found[1].str() + " " + found[2].str() + " " + fmt::format("{}", fmt::join(labels, ",")));
  }
  return out;
}

core::awaitable<void> until_ready(core::environment& env, const node::supernode& n) {
  const auto end = env.now() + std::chrono::seconds(15);
  while (!n.ready() && env.now() < end) co_await core::sleep_for(env, std::chrono::milliseconds(20));
  REQUIRE(n.ready());
}

core::awaitable<void> until_healthy(core::environment& env, const node::supernode& n) {
  const auto end = env.now() + std::chrono::seconds(10);
  int status = 0;
  while (status != 200 && env.now() < end) {
    const auto answer = co_await testing::ask_admin(env, n.admin_socket(), "/healthz", nullptr, env.now() + std::chrono::seconds(5));
    status = answer ? answer->status : 0;
    co_await core::sleep_for(env, std::chrono::milliseconds(20));
  }
  CHECK(status == 200);
}

core::awaitable<void> serve_and_use(core::environment& env, node::configuration c) {
  auto opened = co_await node::supernode::open(env, c, core::logger());
  REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message()));
  auto& n = **opened;
  co_await until_ready(env, n);
  const auto status = co_await ask(env, n, "/status", nullptr, 200);
  CHECK(status["state"] == "ready");
  CHECK(status["node_id"].get<std::string>().size() == 32);

  json put{{"name", "note:alice@example.com"}, {"value", "hello"}};
  const auto stored = co_await ask(env, n, "/overlay/add", put, 200);
  CHECK(stored["acknowledged"] == 1);
  json name{{"name", "note:alice@example.com"}};
  const auto got = co_await ask(env, n, "/overlay/get", name, 200);
  REQUIRE(got["values"].size() == 1);
  CHECK(got["values"][0]["value"] == "hello");
  CHECK(got["values"][0]["signer"] == "node1@example.com");
  CHECK(got["hops"] == 0);
  const auto trace = co_await ask(env, n, "/overlay/trace", name, 200);
  CHECK(trace["root"] == status["node_id"]);
  CHECK(trace["hops"].empty());
  co_await ask(env, n, "/overlay/add", put, 409);
  json foreign{{"name", "note:eve@elsewhere.example"}, {"value", "x"}};
  const auto refused = co_await ask(env, n, "/overlay/add", foreign, 409);
  CHECK(refused["error"] == "forbidden");
  co_await ask(env, n, "/overlay/remove", name, 200);
  co_await ask(env, n, "/overlay/get", name, 404);

  co_await until_healthy(env, n);
  const auto health = co_await ask(env, n, "/healthz", nullptr, 200);
  CHECK(health["probe"]["alone"] == true);
  const auto metrics = co_await page(env, n, "/metrics");
  const auto documented = families_documented();
  const auto said = families_of(metrics);
  for (const auto& family : said) CHECK_MESSAGE(documented.contains(family), family << ": said, and not in docs/metrics.md");
  for (const auto& family : documented) CHECK_MESSAGE(said.contains(family), family << ": in docs/metrics.md, and not said");
  co_await n.drain();
  co_await n.stop();
}

core::awaitable<void> start_and_stop(core::environment& env, node::configuration c, std::string& id) {
  auto opened = co_await node::supernode::open(env, c, core::logger());
  REQUIRE_MESSAGE(opened.has_value(), (opened ? "" : opened.error().message()));
  co_await until_ready(env, **opened);
  const auto status = co_await ask(env, **opened, "/status", nullptr, 200);
  id = status["node_id"].get<std::string>();
  co_await (*opened)->stop();
}

// An account made while the server runs is published within about a second.
core::awaitable<void> publish(core::environment& env, node::configuration c) {
  auto opened = co_await node::supernode::open(env, c, core::logger());
  REQUIRE(opened.has_value());
  co_await until_ready(env, **opened);
  add_account(c, "carol@example.com", "late", {});
  json name{{"name", "credential:carol@example.com"}};
  const auto end = env.now() + std::chrono::seconds(5);
  int status = 0;
  while (status != 200 && env.now() < end) {
    const auto answer =
        co_await testing::ask_admin(env, (*opened)->admin_socket(), "/overlay/get", name, env.now() + std::chrono::seconds(5));
    status = answer ? answer->status : 0;
    co_await core::sleep_for(env, std::chrono::milliseconds(50));
  }
  CHECK(status == 200);
  co_await (*opened)->stop();
}

// Its account is removed and made again while it runs: its certificate is revoked, and its Node-ID is nobody's any more.
core::awaitable<void> become_another(core::environment& env, node::configuration c) {
  auto opened = co_await node::supernode::open(env, c, core::logger());
  REQUIRE(opened.has_value());
  auto& n = **opened;
  co_await until_ready(env, n);
  const auto before = co_await ask(env, n, "/status", nullptr, 200);
  REQUIRE(enrollment::accounts::open(c.in_data_directory(c.login.database)).value()->remove(c.node.user).has_value());
  add_account(c, c.node.user, "again", {});
  const auto end = env.now() + std::chrono::seconds(20);
  auto now = before;
  while ((now["node_id"] == before["node_id"] || now["state"] != "ready") && env.now() < end) {
    co_await core::sleep_for(env, std::chrono::milliseconds(100));
    const auto answer = co_await testing::ask_admin(env, n.admin_socket(), "/status", nullptr, env.now() + std::chrono::seconds(5));
    if (answer) now = answer->body;
  }
  CHECK(now["state"] == "ready");
  CHECK(now["node_id"] != before["node_id"]);
  CHECK(n.ready());
  json put{{"name", "note:alice@example.com"}, {"value", "hello"}};
  co_await ask(env, n, "/overlay/add", put, 200);
  co_await n.drain();
  co_await n.stop();
}

core::awaitable<void> fail_to_open(core::environment& env, node::configuration c, core::error& why) {
  const auto opened = co_await node::supernode::open(env, c, core::logger());
  REQUIRE_FALSE(opened.has_value());
  why = opened.error();
}

core::awaitable<void> stop_at_once(core::environment& env, node::configuration c) {
  auto opened = co_await node::supernode::open(env, c, core::logger());
  REQUIRE(opened.has_value());
  const auto h = co_await ask(env, **opened, "/healthz", nullptr, 503);
  CHECK(h["state"] == "joining");
  CHECK(h["reason"].get<std::string>().find("waiting for a certificate") == 0);
  co_await (*opened)->drain();
  co_await (*opened)->stop();
}

}  // namespace

TEST_CASE("a first node certifies itself, serves the overlay's API alone, is healthy, and drains") {
  const testing::temporary_directory d;
  auto c = alone(d, "127.60.1.1");
  add_account(c, "node1@example.com", "secret", {"example.com"});
  testing::real_world world;
  world.run(serve_and_use(*world.env, c), std::chrono::seconds(60));
}

TEST_CASE("a node keeps its Node-ID over a restart") {
  const testing::temporary_directory d;
  auto c = alone(d, "127.60.1.2");
  add_account(c, "node1@example.com", "secret", {"example.com"});
  std::string before, after;
  testing::real_world first;
  first.run(start_and_stop(*first.env, c, before), std::chrono::seconds(30));
  testing::real_world second;
  second.run(start_and_stop(*second.env, c, after), std::chrono::seconds(30));
  CHECK(before == after);
}

TEST_CASE("a node whose account was removed and made again is another node, in the same process") {
  const testing::temporary_directory d;
  const auto c = alone(d, "127.60.1.9");
  add_account(c, "node1@example.com", "secret", {});
  testing::real_world world;
  world.run(become_another(*world.env, c), std::chrono::seconds(60));
}

TEST_CASE("a new account's credential record is published within about a second") {
  const testing::temporary_directory d;
  auto c = alone(d, "127.60.1.3");
  add_account(c, "node1@example.com", "secret", {"example.com"});
  testing::real_world world;
  world.run(publish(*world.env, c), std::chrono::seconds(30));
}

TEST_CASE("a node that finds a port taken says which, and leaves nothing behind") {
  const testing::temporary_directory d;
  testing::real_world world;
  auto c = alone(d, "127.60.1.6");
  auto taken = transport::listen_tcp(*world.env, {asio::ip::make_address("127.60.1.6"), 16089}).value();
  core::error why(disk::errc::io);
  world.run(fail_to_open(*world.env, c, why));
  CHECK(why == transport::errc::address_in_use);
  CHECK(why.detail().find("127.60.1.6:16089") != std::string::npos);
  taken = transport::listen_tcp(*world.env, {asio::ip::make_address("127.60.1.6"), 15061}).value();
  world.run(fail_to_open(*world.env, c, why));
  CHECK(why.detail().find("127.60.1.6:15061") != std::string::npos);
}

TEST_CASE("a node without an account says in its health what it waits for, and stops all the same") {
  const testing::temporary_directory d;
  auto c = alone(d, "127.60.1.4");
  std::filesystem::create_directories(c.node.data_directory);
  testing::real_world world;
  world.run(stop_at_once(*world.env, c), std::chrono::seconds(30));
}

}  // namespace supernode_test
