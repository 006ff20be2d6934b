#include "host/dialler.hpp"

#include <algorithm>

#include "host/secure_path.hpp"
#include "link/tls_carrier.hpp"
#include "phyllo/transport/errc.hpp"
#include "port/sniff.hpp"
#include "port/socket_stream.hpp"

namespace phyllo::transport {
namespace {

constexpr core::duration reach_patience = std::chrono::seconds(1);  // three requests; then a ClientHello goes without
constexpr int unanswered_flights = 4;                               // of a ClientHello within host_options::handshake_timeout

}  // namespace

// Joins a race wherever its caller left it: by return, by exception, by cancellation.
class dialler::race_guard {
 public:
  race_guard(dialler& d, std::shared_ptr<carrier_race> race) : dialler_(d), race_(std::move(race)) { dialler_.races_.insert(race_); }
  ~race_guard() {
    dialler_.races_.erase(race_);
    race_->cancel();
    dialler_.reapers_.spawn(reap(std::move(race_)));
  }
  race_guard(const race_guard&) = delete;
  race_guard& operator=(const race_guard&) = delete;

 private:
  dialler& dialler_;
  std::shared_ptr<carrier_race> race_;
};

dialler::dialler(host_state& state, stun_server& stun, receive_arena& arena)
    : state_(state),
      stun_(stun),
      datagrams_(state.metrics),
      arena_(arena),
      opener_(state.env, state.options.address, state.options.ladder),
      reapers_(state.env) {
  datagrams_.serve(datagram_kind::stun, &stun_);
  datagrams_.serve(datagram_kind::dtls, this);
}

core::awaitable<carrier_result> dialler::race(std::vector<ladder_step> steps, dial_purpose what, core::time_point deadline) {
  carrier_race::attempt attempt = [this, what, deadline](ladder_step s, carrier_race& race) {
    return dial(std::move(s), what, deadline, race);
  };
  const auto race = std::make_shared<carrier_race>(state_.env, std::move(steps), std::move(attempt));
  const race_guard guard(*this, race);
  co_return co_await race->run(deadline);
}

void dialler::cancel() {
  for (const auto& race : std::vector(races_.begin(), races_.end())) race->cancel();
}

void dialler::close_sockets() {
  for (const auto& s : sockets_) s->close();
}

core::awaitable<void> dialler::join() { co_await reapers_.join(); }

core::awaitable<void> dialler::reap(std::shared_ptr<carrier_race> race) { co_await race->join(); }

core::awaitable<carrier_result> dialler::dial(ladder_step to, dial_purpose what, core::time_point deadline, carrier_race& race) {
  const auto until = std::min(deadline, state_.env.now() + state_.options.handshake_timeout);
  const auto at = to.at;
  if (auto spent = state_.dials.spend(at); !spent) co_return core::fail(spent.error());
  last_ = at;
  carrier_result dialled = core::fail(errc::refused);
  if (to.by == rung::dtls) {
    dialled = co_await dial_dtls(at, std::move(what), until, race);
  } else {
    dialled = co_await dial_tls(std::move(to), std::move(what), until, race);
  }
  if (dialled) state_.dials.authenticated(at);
  co_return dialled;
}

core::awaitable<carrier_result> dialler::dial_tls(ladder_step to, dial_purpose what, core::time_point deadline, carrier_race& race) {
  std::function<void()> answered = [&race] { race.answered(); };
  auto s = co_await opener_.open(to.by, to.at, {}, deadline, std::move(answered));
  if (!s) co_return core::fail(s.error());
  tls_engine::overlay_client options;
  options.expected = what.expected;
  options.alpn = what.alpn;
  auto engine = std::make_unique<tls_engine>(state_.tls, std::move(options));
  const auto shaken = co_await (*s)->secure_with(std::move(engine), deadline);
  state_.count_handshake(link_kind::tls, shaken);
  if (!shaken) co_return core::fail(shaken.error());
  auto parts = (*s)->release();
  auto carrier = std::make_shared<tls_carrier>(std::move(parts.socket), std::move(parts.engine), std::move(parts.unsent), parts.remote);
  carrier->name_way(to.by, to.node);
  co_return dialled_carrier(std::move(carrier), std::nullopt);
}

core::awaitable<carrier_result> dialler::dial_dtls(endpoint to, dial_purpose what, core::time_point deadline, carrier_race& race) {
  const auto socket = dial_socket(to);
  if (!socket) co_return core::fail(socket.error());
  auto channel = (*socket)->make_channel(to);
  auto reached = co_await reach(*channel, deadline);
  if (!reached) co_return core::fail(reached.error());
  if (reached->rtt) race.answered();
  path_terms terms;
  terms.how.expected = what.expected;
  terms.alpn = what.alpn;
  terms.resumes = reached->rtt.has_value();
  terms.preamble = std::move(reached->indication);
  auto secured = co_await secure_path(state_, std::move(channel), std::move(terms), deadline);
  if (!secured) co_return core::fail(secured.error());
  co_return dialled_carrier(secured->take(), reached->rtt);
}

// An implementation of RFC 6940 alone answers a ClientHello, but maybe no STUN. An address where nobody knows of us is as silent: what is
// sent there is paid for in advance.
core::awaitable<core::result<reach_exchange::outcome>> dialler::reach(datagram_channel& to, core::time_point deadline) {
  reach_exchange exchange(state_.env, stun_, to, state_.dials);
  auto reached = co_await exchange.run(std::min(deadline, state_.env.now() + reach_patience));
  const bool silent = !reached && reached.error() == errc::timed_out;
  if (!silent || state_.env.now() >= deadline) co_return reached;
  for (int i = 0; i < unanswered_flights; ++i) {
    if (auto spent = state_.dials.spend(to.remote()); !spent) co_return core::fail(spent.error());
  }
  co_return reach_exchange::outcome();
}

// A 5-tuple carries one association, and BoringSSL can not tell a client's from a server's: what we dial leaves from
// sockets of their own, and a second link to the same endpoint from a further one.
core::result<std::shared_ptr<udp_socket>> dialler::dial_socket(const endpoint& to) {
  const auto usable =
      std::ranges::find_if(sockets_, [&](const auto& s) { return !s->claimed(to) && s->local().address.is_v6() == to.address.is_v6(); });
  if (usable != sockets_.end()) return *usable;
  const auto& own = state_.options.address;
  const auto any = to.address.is_v6() ? asio::ip::address(asio::ip::address_v6::any()) : asio::ip::address(asio::ip::address_v4::any());
  auto opened = udp_socket::open(state_.env, state_.metrics, arena_, {own.is_v6() == to.address.is_v6() ? own : any, 0});
  if (!opened) return opened;
  (*opened)->start(&datagrams_);
  sockets_.push_back(*opened);
  return opened;
}

void dialler::on_datagram(datagram_port& port, const incoming_datagram& d) {
  if (auto* receiver = static_cast<udp_socket&>(port).receiver_of(d.from)) return receiver->on_datagram(d.data);
  state_.metrics.drop(is_client_hello(d.data) ? "dtls_unproven" : "dtls_unknown");
}

}  // namespace phyllo::transport
