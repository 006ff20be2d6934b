#include <doctest.h>

#include "admin/admin.hpp"
#include "phyllo/node/errc.hpp"
#include "support/run.hpp"

namespace admin_request_test {

using namespace phyllo;
using nlohmann::json;

namespace {

// Answers as the ring would, and remembers what it was asked.
class scripted_overlay final : public overlay::overlay {
 public:
  using outcome = core::result<phyllo::overlay::outcome>;
  outcome next = phyllo::overlay::outcome();
  std::string asked;
  std::string overlay_id;
  phyllo::overlay::record record;
  std::chrono::seconds lifetime{};
  core::duration timeout{};
  std::optional<phyllo::overlay::state_digest> seen;

  core::awaitable<outcome> get(std::string, phyllo::overlay::name n, phyllo::overlay::read_options o) override {
    asked = "get " + n.text();
    timeout = o.timeout;
    co_return next;
  }
  core::awaitable<outcome> add(std::string, phyllo::overlay::name n, phyllo::overlay::record r, std::chrono::seconds l,
                               phyllo::overlay::write_options) override {
    asked = "add " + n.text();
    record = std::move(r);
    lifetime = l;
    co_return next;
  }
  core::awaitable<outcome> update(std::string, phyllo::overlay::name n, phyllo::overlay::record r, std::chrono::seconds l,
                                  phyllo::overlay::write_options) override {
    asked = "update " + n.text();
    record = std::move(r);
    lifetime = l;
    co_return next;
  }
  core::awaitable<outcome> watch(std::string id, phyllo::overlay::name n, phyllo::overlay::watch_options o) override {
    overlay_id = std::move(id);
    asked = "watch " + n.text();
    timeout = o.timeout;
    seen = o.seen;
    co_return next;
  }
  core::awaitable<outcome> remove(std::string, phyllo::overlay::name n, phyllo::overlay::write_options) override {
    asked = "remove " + n.text();
    co_return next;
  }
};

core::awaitable<core::result<overlay::revocation_reach>> settled(core::result<overlay::revocation_reach> reach) { co_return reach; }

struct fixture {
  testing::real_world world;
  scripted_overlay ring;
  bool joined = true;
  node::health state;
  node::admin_sources sources;
  core::result<overlay::trace_outcome> way = overlay::trace_outcome();
  std::string traced;
  core::result<json> reloaded = json{{"changed", json::array({"tls.key"})}};

  fixture() {
    sources.status = [] { return json{{"state", "ready"}}; };
    sources.healthz = [this] { return state; };
    sources.overlay = [this](const std::string&) -> core::result<overlay::overlay*> {
      if (!joined) return core::fail(overlay::errc::not_joined);
      return &ring;
    };
    sources.trace = [this](std::string id, overlay::resource_id key, core::duration timeout) { return trace(std::move(id), key, timeout); };
    sources.reload = [this] { return reloaded; };
    sources.metrics = [] { return std::string("phyllo_links 0\n"); };
  }

  transport::http_response ask(transport::http_request r) {
    transport::http_response out;
    world.run(answer(std::move(r), out));
    return out;
  }
  core::awaitable<core::result<overlay::trace_outcome>> trace(std::string id, overlay::resource_id key, core::duration timeout) {
    traced = id + "/" + key.hex() + "/" + std::to_string(std::chrono::duration_cast<std::chrono::seconds>(timeout).count());
    co_return way;
  }
  core::awaitable<void> answer(transport::http_request r, transport::http_response& out) {
    out = co_await node::answer_admin(sources, std::move(r));
  }
};

transport::http_request post(const std::string& target, const std::string& body) {
  transport::http_request r;
  r.method = "POST";
  r.target = target;
  r.body = body;
  return r;
}

transport::http_request get(const std::string& target) {
  transport::http_request r;
  r.target = target;
  r.remote = {asio::ip::make_address("192.0.2.1"), 40000};
  return r;
}

}  // namespace

TEST_CASE("status and metrics are there for whoever reaches the listener") {
  fixture f;
  CHECK(f.ask(get("/status")).body == "{\"state\":\"ready\"}\n");
  const auto page = f.ask(get("/metrics"));
  CHECK(page.body == "phyllo_links 0\n");
  CHECK(page.headers.at("content-type") == "text/plain; version=0.0.4");
  CHECK(f.ask(get("/nothing")).status == 404);
  CHECK(f.ask(post("/status", "")).status == 405);
}

TEST_CASE("a reload is a command, and says what changed or why nothing did") {
  fixture f;
  const auto done = f.ask(post("/reload", "{}"));
  CHECK(done.status == 200);
  CHECK(json::parse(done.body)["changed"][0] == "tls.key");
  CHECK(f.ask(get("/reload")).status == 405);
  f.reloaded = core::fail(node::errc::configuration, "tls.key: gone");
  const auto refused = f.ask(post("/reload", "{}"));
  CHECK(refused.status == 400);
  CHECK(json::parse(refused.body)["message"].get<std::string>().find("tls.key: gone") != std::string::npos);
}

TEST_CASE("health is 200 or 503, with its reason either way") {
  fixture f;
  f.state = {true, {{"reason", "ok"}}};
  CHECK(f.ask(get("/healthz")).status == 200);
  f.state = {false, {{"reason", "put: timed out"}}};
  const auto bad = f.ask(get("/healthz"));
  CHECK(bad.status == 503);
  CHECK(json::parse(bad.body)["reason"] == "put: timed out");
}

TEST_CASE("a write hands name, value and lifetime to the overlay") {
  fixture f;
  const auto done = f.ask(post("/overlay/add", R"({"name": "note:alice@example.com", "value": "hi", "lifetime_s": 60})"));
  CHECK(done.status == 200);
  CHECK(f.ring.asked == "add note:alice@example.com");
  CHECK(f.ring.record.value == "hi");
  CHECK(f.ring.record.name.type == "note");
  CHECK(f.ring.lifetime == std::chrono::seconds(60));
  f.ask(post("/overlay/update", R"({"name": "alice@example.com", "value": "hi"})"));
  CHECK(f.ring.asked == "update data:alice@example.com");
  f.ask(post("/overlay/remove", R"({"name": "alice@example.com"})"));
  CHECK(f.ring.asked == "remove data:alice@example.com");
}

TEST_CASE("a read takes its time-out along") {
  fixture f;
  const auto done = f.ask(post("/overlay/get", R"({"name": "alice@example.com", "timeout_s": 3})"));
  CHECK(json::parse(done.body)["name"] == "data:alice@example.com");
  CHECK(f.ring.timeout == std::chrono::seconds(3));
}

TEST_CASE("a watch goes on from the state that an answer gave, for a minute at most, and every operation names its overlay") {
  fixture f;
  f.ring.next->state[0] = 0xab;
  auto done = f.ask(post("/overlay/watch", R"({"name": "alice@example.com", "timeout_s": 30})"));
  CHECK(f.ring.asked == "watch data:alice@example.com");
  CHECK_FALSE(f.ring.seen.has_value());
  const auto state = json::parse(done.body)["state"].get<std::string>();
  CHECK(state == "ab000000000000000000000000000000");
  done = f.ask(post("/overlay/watch", R"({"name": "alice@example.com", "overlay": "overlay.example.com", "seen": ")" + state + "\"}"));
  CHECK(done.status == 200);
  CHECK(f.ring.seen == f.ring.next->state);
  CHECK(f.ring.overlay_id == "overlay.example.com");
  f.ring.asked.clear();
  for (const auto* body : {R"({"name": "a@b.c", "seen": "ab"})", R"({"name": "a@b.c", "seen": 5})", R"({"name": "a@b.c", "timeout_s": 61})",
                           R"({"name": "a@b.c", "overlay": 5})"}) {
    CHECK_MESSAGE(f.ask(post("/overlay/watch", body)).status == 400, body);
  }
  CHECK(f.ring.asked.empty());
}

TEST_CASE("each error has its token and an HTTP status") {
  fixture f;
  f.ring.next = core::fail(overlay::errc::not_found);
  auto r = f.ask(post("/overlay/get", R"({"name": "alice@example.com"})"));
  CHECK(r.status == 404);
  CHECK(json::parse(r.body)["error"] == "not_found");
  f.ring.next = core::fail(overlay::errc::timed_out);
  CHECK(f.ask(post("/overlay/get", R"({"name": "alice@example.com"})")).status == 504);
  f.ring.next = core::fail(overlay::errc::forbidden);
  r = f.ask(post("/overlay/get", R"({"name": "alice@example.com"})"));
  CHECK(r.status == 409);
  CHECK(json::parse(r.body)["error"] == "forbidden");
  f.joined = false;
  CHECK(f.ask(post("/overlay/get", R"({"name": "alice@example.com"})")).status == 503);
}

TEST_CASE("bodies that make no sense are refused, and reach no overlay") {
  fixture f;
  for (const auto* body :
       {"", "{", "[]", "{}", R"({"name": 5})", R"({"name": "alice@example.com"})", R"({"name": "alice@example.com", "value": 1})",
        R"({"name": "alice@example.com", "value": "x", "lifetime_s": 0})",
        R"({"name": "alice@example.com", "value": "x", "lifetime_s": "60"})",
        R"({"name": "alice@example.com", "value": "x", "timeout_s": 1e9})"}) {
    CHECK_MESSAGE(f.ask(post("/overlay/add", body)).status == 400, body);
  }
  CHECK(f.ring.asked.empty());
}

TEST_CASE("commands are posted, and only those that there are") {
  fixture f;
  CHECK(f.ask(get("/overlay/get")).status == 405);
  CHECK(f.ask(post("/overlay/put", R"({"name": "alice@example.com"})")).status == 404);
  CHECK(f.ring.asked.empty());
}

TEST_CASE("a trace is asked for a name or a key, and tells of each node on the way") {
  fixture f;
  const auto key = overlay::name::parse("note:alice@example.com").value().key().hex();
  const identity::node_id last{.octets = {7}};
  f.way->hops.push_back({.node = last,
                         .round_trip = std::chrono::milliseconds(3),
                         .links = 1,
                         .load = 2,
                         .routing_table_size = {},
                         .uptime_s = 60,
                         .values_stored = {}});
  const auto done = f.ask(post("/overlay/trace", R"({"name": "note:alice@example.com", "overlay": "overlay.example.com"})"));
  CHECK(done.status == 200);
  CHECK(f.traced == "overlay.example.com/" + key + "/8");
  const auto body = json::parse(done.body);
  CHECK(body["root"] == last.hex());
  CHECK(body["hops"] == json::array({{{"hop", 1}, {"node_id", last.hex()}, {"rtt_ms", 3.0}, {"links", 1}, {"load", 2}, {"uptime_s", 60}}}));
  f.ask(post("/overlay/trace", R"({"name": ")" + key + R"(", "timeout_s": 3})"));
  CHECK(f.traced == "/" + key + "/3");
}

TEST_CASE("a trace that ends before the root says why and where; one that makes no sense is refused") {
  fixture f;
  f.way->stopped = core::error(overlay::errc::timed_out, "Ping");
  const auto body = json::parse(f.ask(post("/overlay/trace", R"({"name": "alice@example.com"})")).body);
  CHECK_FALSE(body.contains("root"));
  CHECK(body["stopped"]["error"] == "timed_out");
  f.traced.clear();
  for (const auto* bad : {R"({"name": "0123"})", R"({"name": ""})", R"({"name": 5})", R"({"name": "a@b.c", "timeout_s": 0})"}) {
    CHECK_MESSAGE(f.ask(post("/overlay/trace", bad)).status == 400, bad);
  }
  CHECK(f.traced.empty());
  f.joined = false;
  CHECK(f.ask(post("/overlay/trace", R"({"name": "a@b.c"})")).status == 503);
  CHECK(f.traced.empty());
}

TEST_CASE_FIXTURE(fixture, "whoever has changed accounts asks until when the overlay knows, by the number of the change") {
  std::int64_t asked = 0;
  core::duration within{};
  core::result<overlay::revocation_reach> reach = overlay::revocation_reach{77, 3, 3};
  sources.settle = [&](const std::string&, std::int64_t change, core::duration timeout) {
    asked = change;
    within = timeout;
    return settled(reach);
  };
  const auto post = [&](const char* body) {
    transport::http_request r;
    r.method = "POST";
    r.target = "/accounts/settle";
    r.body = body;
    return ask(std::move(r));
  };
  const auto good = post(R"({"change":5,"timeout_s":3})");
  CHECK(good.status == 200);
  CHECK(json::parse(good.body) == json{{"revocations", 77}, {"have", 3}, {"of", 3}});
  CHECK(asked == 5);
  CHECK(within == std::chrono::seconds(3));
  reach = core::fail(node::errc::timed_out, "2 of 3 nodes");
  const auto late = post(R"({"change":5})");
  CHECK(late.status == 504);
  CHECK(late.body.find("2 of 3 nodes") != std::string::npos);
  reach = core::fail(node::errc::refused, "this node is no login server");
  CHECK(post(R"({"change":5})").status == 409);
  for (const auto* wrong : {"", "{}", R"({"change":"5"})", R"({"change":5,"overlay":7})", R"({"change":5,"timeout_s":0})"})
    CHECK(post(wrong).status == 400);
}

}  // namespace admin_request_test
