#include "admin/web_site.hpp"
#include "phyllo/node/json_text.hpp"

namespace phyllo::node {
namespace {

transport::http_response plain(int status, std::string text) { return {status, {{"content-type", "text/plain"}}, std::move(text)}; }

}  // namespace

web_site::web_site(core::environment& env, enrollment::login_server* login, enrollment::bootstrap_server& bootstrap, core::metrics& m)
    : web_site(env, [this](transport::http_request r) { return answer(std::move(r)); }, m) {
  login_ = login;
  bootstrap_ = &bootstrap;
}

web_site::web_site(core::environment& env, transport::http_handler answers, core::metrics& m)
    : env_(env), login_(nullptr), bootstrap_(nullptr), metrics_(m), handler_(std::move(answers)), connections_(env) {
  upgrader_ = [this](const transport::http_request& r) { return upgrade(r); };
}

// Who is honest has its answer within a second or two: where there are too many, the oldest says its request too slowly.
void web_site::on_stream(std::unique_ptr<transport::stream> s) {
  if (connections_.running() >= 2 * connections_max) return metrics_.drop("http_connections");  // those made to end have not yet
  if (open_.size() >= connections_max) {
    metrics_.drop("http_connections");
    open_.begin()->second->close();  // its coroutine sees that and ends
    open_.erase(open_.begin());
  }
  const auto number = ++last_;
  open_.emplace(number, s.get());
  connections_.spawn(serve_one(number, std::move(s)));
}

core::awaitable<void> web_site::serve_one(std::uint64_t number, std::unique_ptr<transport::stream> s) {
  const place mine(open_, number);  // goes after the stream
  co_await transport::serve_http(env_, std::move(s), handler_, transport::http_limits(), &upgrader_);
}

void web_site::take_websockets(transport::websocket_options o, websocket_taker taker) {
  websockets_ = std::move(o);
  taker_ = std::move(taker);
}

void web_site::show_health(std::function<health()> of) { health_ = std::move(of); }

std::optional<transport::http_upgrade> web_site::upgrade(const transport::http_request& r) {
  if (!taker_ || !transport::asks_for_websocket(r)) return std::nullopt;
  const auto onward = [this](std::unique_ptr<transport::stream> s) { taker_(transport::websocket::over(env_, std::move(s), websockets_)); };
  return transport::http_upgrade{transport::answer_websocket(r, websockets_), onward};
}

core::awaitable<void> web_site::stop() {
  connections_.cancel();
  co_await connections_.join();
}

core::awaitable<transport::http_response> web_site::answer(transport::http_request r) {
  const auto path = r.path();
  if (enrollment::login_server::serves(path)) {
    if (login_ == nullptr) co_return plain(404, "this node is no login server\n");
    if (!r.secure) co_return plain(403, "log-ins are taken over https only\n");
    co_return co_await login_->handle(std::move(r));
  }
  if (path == "/healthz" && health_) {
    const auto h = health_();
    co_return transport::http_response{
        h.good ? 200 : 503, {{"content-type", "application/json"}, {"cache-control", "no-store"}}, printed(h.report) + "\n"};
  }
  if (path.starts_with("/.well-known/")) co_return co_await bootstrap_->handle(std::move(r));
  co_return plain(404, "nothing is here\n");
}

}  // namespace phyllo::node
