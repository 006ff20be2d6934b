#include "assembly/sip_front.hpp"

#include "phyllo/overlay/overlay_proxy.hpp"

namespace phyllo::node {
namespace {

constexpr auto figures_every = std::chrono::milliseconds(100);
constexpr std::size_t nodes_max = 4096;
constexpr auto node_state_kept = std::chrono::seconds(1);

core::awaitable<core::result<transport::http_response>> answered(transport::http_handler by, transport::http_request r) {
  co_return co_await by(std::move(r));
}

}  // namespace

sip_front::sip_front(core::shard_door& own, const ground& g, const std::string& overlay, core::metrics& m, core::logger log)
    : own_(own),
      ground_(g),
      env_(own.env()),
      metrics_(m),
      log_(std::move(log)),
      trust_(overlay),
      nodes_(std::make_shared<node_table>(nodes_max, core::random_hash_key(env_))),
      site_(
          env_, [this](transport::http_request r) { return page(std::move(r)); }, m),
      tasks_(env_) {}

core::status sip_front::open(settings s) {
  believe(std::move(s.trust));
  know(std::move(s.supernodes));
  auto host =
      transport::host::open(env_, std::move(s.host), std::move(s.credential), trust_, std::move(s.web), metrics_, log_.of("transport"));
  if (!host) return core::fail(host.error());
  host_ = std::move(*host);
  overlay_ = overlay::make_overlay_proxy(own_, ground_.first, ground_.overlay);
  doors_ = std::make_unique<front_doors>(own_, ground_.first, *host_, ground_.host);
  s.sip.trust = &trust_;
  s.sip.is_supernode = [this](const asio::ip::address& a) { return supernodes_ && supernodes_->contains(a); };
  s.sip.has_failed = [this](const identity::node_id& n) { return has_failed(n); };
  service_ = sip::service::create(
      env_, std::move(s.sip), *doors_, *overlay_,
      [this](std::string user, std::string algorithm, bool whole) { return secret(std::move(user), std::move(algorithm), whole); },
      metrics_, log_.of("sip"));
  site_.take_websockets(std::move(s.phones), [this](std::unique_ptr<transport::websocket> w) { service_->on_websocket(std::move(w)); });
  host_->serve(transport::datagram_kind::text, service_.get());
  host_->serve(transport::stream_kind::text, service_.get());
  host_->serve(transport::stream_kind::http, &site_);
  tasks_.spawn(tell_figures());
  return {};
}

void sip_front::believe(trust_state t) {
  if (auto done = trust_.update(t.anchors, std::move(t.bad_nodes)); !done) log_.error("{}", done.error().message());
  t.revocations.observe({});
  trust_.revocations() = std::move(t.revocations);
}

// As it was a moment ago: whoever asks does so for each call, and the first shard is asked ahead of the next.
bool sip_front::has_failed(const identity::node_id& n) {
  auto& known = nodes_->try_emplace(n).first;
  if (known.until > env_.now()) return known.failed;
  known.until = env_.now() + node_state_kept;
  ground_.first.post([&g = ground_, &own = own_, n, there = std::weak_ptr(nodes_)] {
    const bool failed = g.has_failed(n);
    own.post([n, failed, there] {
      const auto table = there.lock();
      if (auto* k = table ? table->use(n) : nullptr) k->failed = failed;
    });
  });
  return known.failed;
}

core::awaitable<core::result<std::string>> sip_front::secret(std::string user, std::string algorithm, bool whole) {
  return core::hop<std::string>(own_, ground_.first,
                                [&g = ground_, u = std::move(user), a = std::move(algorithm), whole] { return g.secrets(u, a, whole); });
}

core::awaitable<transport::http_response> sip_front::page(transport::http_request r) {
  std::move_only_function<core::awaitable<core::result<transport::http_response>>()> what = [&g = ground_, q = std::move(r)]() mutable {
    return answered(g.answers, std::move(q));
  };
  auto found = co_await core::hop<transport::http_response>(own_, ground_.first, std::move(what));
  if (found) co_return std::move(*found);
  co_return transport::http_response{503, {{"content-type", "text/plain"}}, "too much to do\n"};
}

core::awaitable<void> sip_front::tell_figures() {
  while (true) {  // ends by cancellation
    const auto s = service_->status();
    figures_.bindings.store(s.bindings, std::memory_order_relaxed);
    figures_.calls.store(s.calls, std::memory_order_relaxed);
    figures_.transactions.store(s.transactions, std::memory_order_relaxed);
    co_await core::sleep_for(env_, figures_every);
  }
}

core::awaitable<void> sip_front::stop() {
  tasks_.cancel();
  co_await tasks_.join();
  co_await site_.stop();
  if (service_) co_await service_->stop();
  if (!host_) co_return;
  host_->serve(transport::datagram_kind::text, nullptr);
  host_->serve(transport::stream_kind::text, nullptr);
  host_->serve(transport::stream_kind::http, nullptr);
  co_await host_->stop();
}

}  // namespace phyllo::node
