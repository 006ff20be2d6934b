#include "phyllo/enrollment/login_server.hpp"
#include "support/run.hpp"

namespace bootstrap_server_test {

using namespace phyllo;
using namespace phyllo::enrollment;

namespace {

core::awaitable<void> ask(bootstrap_server& s, transport::http_request r, transport::http_response& to) {
  to = co_await s.handle(std::move(r));
}

struct fixture {
  testing::real_world world;
  std::string live = "{\"nodes\":[]}";
  std::unique_ptr<bootstrap_server> server = bootstrap_server::create([this] { return live; });

  transport::http_response get(const std::string& target, bool secure = true, const std::string& method = "GET") {
    transport::http_request r;
    r.method = method;
    r.target = target;
    r.secure = secure;
    transport::http_response to;
    world.run(ask(*server, std::move(r), to));
    return to;
  }
};

}  // namespace

TEST_CASE_FIXTURE(fixture, "before a document is published the server asks for patience") {
  const auto r = get("/.well-known/reload-config");
  CHECK(r.status == 503);
  CHECK(r.headers.at("retry-after") == "5");
}

TEST_CASE_FIXTURE(fixture, "the published document is served byte for byte under its media type") {
  server->publish("<overlay> \r\n</overlay>\n", "PEM");
  const auto r = get("/.well-known/reload-config");
  CHECK(r.status == 200);
  CHECK(r.headers.at("content-type") == "application/p2p-overlay+xml");
  CHECK(r.body == "<overlay> \r\n</overlay>\n");
  server->publish("new", "PEM");
  CHECK(get("/.well-known/reload-config?x").body == "new");
  CHECK(get("/.well-known/reload-config", false).status == 200);  // its signature protects it
}

TEST_CASE_FIXTURE(fixture, "the signer's certificate is served beside it") {
  server->publish("x", "PEM");
  CHECK(get("/.well-known/phyllo-signer").body == "PEM");
}

TEST_CASE_FIXTURE(fixture, "the live supernodes are a list in JSON, over https only, and not before somebody can sign it") {
  server->publish("x", "PEM");
  const auto r = get("/.well-known/phyllo-supernodes");
  CHECK(r.headers.at("content-type") == "application/json");
  CHECK(r.headers.at("cache-control") == "max-age=30");
  CHECK(r.body == live);
  CHECK(get("/.well-known/phyllo-supernodes", false).status == 403);
  live.clear();
  CHECK(get("/.well-known/phyllo-supernodes").status == 503);
}

TEST_CASE_FIXTURE(fixture, "other paths are not found and other methods not allowed") {
  server->publish("x", "PEM");
  CHECK(get("/").status == 404);
  CHECK(get("/.well-known/reload-config/").status == 404);
  CHECK(get("/.well-known/reload-config", true, "POST").status == 405);
}

}  // namespace bootstrap_server_test
